add_executable(bootd main.cc daemon.cc health.cc options.cc privileges.cc servers.cc)
target_link_libraries(bootd PRIVATE bootd_rpc bootd_router CLI11::CLI11 ${LIBCAP})
