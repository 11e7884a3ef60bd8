// Where an API server is and how to prove who we are.
#pragma once

#include <string>

#include "base/result.h"

namespace firesteel::kube {

// Holds secrets: never log one.
struct ConnectionConfig {
  std::string server;           // "https://10.0.0.1:6443"
  std::string ca;               // PEM; "" = the system's
  std::string client_cert;      // PEM, with client_key; or
  std::string client_key;
  std::string token;            // bearer; or
  std::string token_file;       // read again every minute: projected tokens rotate
  std::string default_namespace;

  bool operator==(const ConnectionConfig&) const = default;
};

// The current context of a kubeconfig's text (YAML or JSON).
// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
Result<ConnectionConfig> ParseKubeconfig(const std::string& text, const std::string& base_dir);
Result<ConnectionConfig> LoadKubeconfig(const std::string& path);

// A pod's own ServiceAccount.
// https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
Result<ConnectionConfig> InClusterConfig();

}  // namespace firesteel::kube
