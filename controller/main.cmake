add_executable(firesteel main.cc offline.cc operator.cc options.cc transpile.cc)
target_link_libraries(firesteel PRIVATE controller_butane controller_reconcile CLI11::CLI11)
