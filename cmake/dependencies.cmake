# Debian 12's packages; deploy/install-build-dependencies names them.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)  # module mode: Debian's protobuf ships no config package
find_package(gRPC CONFIG REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(cpprestsdk REQUIRED)
find_package(CURL REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS system)
find_package(CLI11 REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(GTest REQUIRED)

find_package(ZLIB REQUIRED)
find_library(LIBYAML yaml REQUIRED)  # Debian's libyaml has no CMake package
find_library(LIBCAP cap REQUIRED)
