// bootd's command line.
#pragma once

#include <optional>
#include <string>

#include "base/listen_address.h"
#include "base/log.h"
#include "bootd/dhcp/answer.h"

namespace bootd {

struct Options {
  std::optional<firesteel::ListenAddress> http;
  std::optional<firesteel::ListenAddress> https;
  std::optional<firesteel::ListenAddress> tftp;
  std::optional<firesteel::ListenAddress> grpc;  // none = a plain file server for assets_dir
  std::optional<firesteel::ListenAddress> health;
  std::optional<firesteel::ListenAddress> dhcp;  // none = no proxyDHCP
  std::optional<firesteel::ListenAddress> pxe;   // with dhcp always
  dhcp::Loaders loaders;                         // that proxyDHCP names
  std::string assets_dir;
  std::string data_dir;
  std::string advertise_address;  // host of the URLs that machines are given
  std::string tls_cert;
  std::string tls_key;
  std::string tls_ca;
  bool tftp_single_port = false;
  firesteel::LogFormat log_format = firesteel::LogFormat::kText;
  firesteel::LogLevel log_level = firesteel::LogLevel::kInfo;
};

// Either options, or the exit status after --help, --version or an error was printed.
struct ParsedOptions {
  std::optional<Options> options;
  int exit_status = 0;
};
ParsedOptions ParseOptions(int argc, char** argv);

}  // namespace bootd
