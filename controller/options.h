// firesteel's command line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/listen_address.h"
#include "base/log.h"
#include "controller/offline/command.h"

namespace firesteel {

enum class Command { kController, kRender, kTranspile, kValidate, kVersion };

struct TranspileOptions {
  std::string file = "-";  // "-" = standard input
  std::string output;      // "" = standard output
  bool strict = false;     // warnings are errors
  bool pretty = false;
};

struct Options {
  Command command = Command::kController;
  // controller
  std::string kubeconfig;  // "" = in-cluster
  std::string ns;          // "" = all namespaces
  std::vector<std::string> bootd;  // host:port
  std::string bootd_ca;
  std::string bootd_cert;
  std::string bootd_key;
  ListenAddress health{"0.0.0.0", 8081};
  std::string lease_namespace = "default";
  std::string lease_name = "firesteel";
  std::string identity;  // default: host name and process id
  LogFormat log_format = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
  RenderOptions render;
  std::vector<std::string> files;  // of validate
  TranspileOptions transpile;
};

// Either options, or the exit status after --help or an error was printed.
struct ParsedOptions {
  std::optional<Options> options;
  int exit_status = 0;
};
ParsedOptions ParseOptions(int argc, char** argv);

}  // namespace firesteel
