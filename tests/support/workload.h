// The workload cluster as its machines would make it: the API server that `kubeadm init` leaves, and Nodes
// as kubelets register them. For tests of gtest: what fails, fails the test.
#pragma once

#include <memory>
#include <string>

#include "tests/support/kube_api_server.h"
#include "tests/support/lab.h"

namespace firesteel::test {

class Workload {
 public:
  // For the Cluster's spec: where it will answer.
  nlohmann::json Endpoint() const;

  // With the authority of the lab's cluster `demo`.
  void Start(Lab& lab);
  void Kill() { server_->Kill(); }
  kube::Client& client() { return *client_; }

  // A Node that is Ready.
  void Join(const std::string& name);
  void SetReady(const std::string& name, const char* ready);

 private:
  const int port_ = FreePort();
  std::unique_ptr<KubeApiServer> server_;
  std::unique_ptr<kube::Client> client_;
};

}  // namespace firesteel::test
