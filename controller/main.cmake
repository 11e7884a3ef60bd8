add_executable(firesteel main.cc operator.cc options.cc run.cc transpile.cc)
target_link_libraries(firesteel PRIVATE controller_offline controller_reconcile CLI11::CLI11)
