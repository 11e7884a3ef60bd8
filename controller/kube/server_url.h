// The URL of an API server, taken apart.
#pragma once

#include <string>

#include "base/result.h"

namespace firesteel::kube {

struct ServerUrl {
  std::string host;       // a name or an address, IPv6 without its brackets
  std::string port;       // "443" where the URL has none
  std::string authority;  // HOST[:PORT] as the URL has it, for the header Host
  std::string prefix;     // of every path, "/k8s/clusters/c-1"; "" = none

  bool operator==(const ServerUrl&) const = default;
};

// Nothing but https://: what is said to an API server is secret.
Result<ServerUrl> ParseServerUrl(const std::string& text);

}  // namespace firesteel::kube
