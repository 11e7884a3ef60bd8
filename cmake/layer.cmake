# firesteel_layer(NAME SOURCES a.cc… DEPENDS other…): a static library whose includes are relative to
# the repository's root. The allowed edges between layers are checked by tests/structure.
function(firesteel_layer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC firesteel_options ${ARG_DEPENDS})
endfunction()

# firesteel_test(NAME SOURCES a_test.cc… DEPENDS layers…): one gtest binary, registered with ctest as
# one test a binary (gtest_discover would cost a start per case).
function(firesteel_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE firesteel_options ${ARG_DEPENDS} GTest::gmock_main)
  target_precompile_headers(${name} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
  target_compile_definitions(${name} PRIVATE FIRESTEEL_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             FIRESTEEL_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})
endfunction()

add_library(firesteel_options INTERFACE)
target_include_directories(firesteel_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(firesteel_options INTERFACE -Wall -Wextra -Wswitch-enum -Wshadow -Wconversion
                                                   $<$<BOOL:${FIRESTEEL_WERROR}>:-Werror>
                                                   # g++ 12 sees it in every optimised std::variant.
                                                   $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
target_compile_definitions(firesteel_options INTERFACE FIRESTEEL_VERSION="${PROJECT_VERSION}"
                                                       JSON_USE_IMPLICIT_CONVERSIONS=0)
if(FIRESTEEL_SANITIZE)
  target_compile_options(firesteel_options INTERFACE -fsanitize=${FIRESTEEL_SANITIZE}
                                                     -fno-omit-frame-pointer)
  target_link_options(firesteel_options INTERFACE -fsanitize=${FIRESTEEL_SANITIZE})
endif()
