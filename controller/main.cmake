add_executable(firesteel main.cc offline.cc operator.cc options.cc)
target_link_libraries(firesteel PRIVATE controller_reconcile CLI11::CLI11)
