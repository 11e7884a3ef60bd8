# firesteel_fuzz(NAME SOURCES a_fuzz.cc… DEPENDS layers…): one LLVMFuzzerTestOneInput. In the ordinary
# build it becomes the test fuzz_<NAME>_test, which replays tests/fuzz/corpus/<NAME>/* and a fixed number of
# seeded mutations of them. With clang and -DFIRESTEEL_FUZZ=ON it becomes the libFuzzer program
# fuzz_<NAME> in addition; run it on a copy of the corpus folder.
option(FIRESTEEL_FUZZ "Build libFuzzer programs (needs clang and its libclang-rt-dev)" OFF)
if(FIRESTEEL_FUZZ)
  target_compile_options(firesteel_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  target_link_options(firesteel_options INTERFACE -fsanitize=address,undefined)
endif()

function(firesteel_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  firesteel_test(fuzz_${name}_test SOURCES ${ARG_SOURCES} ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_test.cc DEPENDS ${ARG_DEPENDS})
  target_compile_definitions(fuzz_${name}_test PRIVATE FIRESTEEL_FUZZ_CORPUS="${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  if(FIRESTEEL_FUZZ)
    add_executable(fuzz_${name} ${ARG_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE firesteel_options ${ARG_DEPENDS})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
