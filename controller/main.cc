#include <iostream>

#include "controller/offline/command.h"
#include "controller/options.h"
#include "controller/run.h"
#include "controller/transpile.h"

int main(int argc, char** argv) {
  const firesteel::ParsedOptions parsed = firesteel::ParseOptions(argc, argv);
  if (!parsed.options) return parsed.exit_status;
  switch (parsed.options->command) {
    case firesteel::Command::kController: return firesteel::RunController(*parsed.options);
    case firesteel::Command::kRender: return firesteel::RunRender(parsed.options->render);
    case firesteel::Command::kTranspile: return firesteel::RunTranspile(parsed.options->transpile);
    case firesteel::Command::kValidate: return firesteel::RunValidate(parsed.options->files);
    case firesteel::Command::kVersion: std::cout << "firesteel " FIRESTEEL_VERSION "\n"; return 0;
  }
  return 2;
}
