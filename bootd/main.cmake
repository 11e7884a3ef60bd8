add_executable(bootd main.cc options.cc privileges.cc)
target_link_libraries(bootd PRIVATE bootd_rpc bootd_router CLI11::CLI11 ${LIBCAP})
