// A real etcd and kube-apiserver for tests, on loopback, in a temporary folder.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "controller/kube/client.h"
#include "controller/kube/connection.h"
#include "controller/pki/certificates.h"
#include "tests/support/child_process.h"

namespace firesteel::test {

class KubeApiServer {
 public:
  struct Options {
    std::optional<pki::KeyPair> ca;  // signs the server and its administrator; none = one of its own
    int port = 0;                    // 0 = any
  };
  // nullptr = the kube-apiserver program is not built (deploy/lab/tools build).
  static std::unique_ptr<KubeApiServer> Start(const Options& options);
  static std::unique_ptr<KubeApiServer> Start() { return Start(Options{}); }
  ~KubeApiServer();  // ends what it started

  kube::ConnectionConfig config() const { return config_; }  // as cluster administrator
  // Who signed the server's and the administrator's certificates: the cluster's authority, so to say.
  const pki::KeyPair& ca() const { return ca_; }
  std::unique_ptr<kube::Client> NewClient() const;
  // Creates our CRDs and waits until they are served.
  void ApplyCrds();

  // Every finished request of `user`, who must be a ServiceAccount (system:serviceaccount:NAMESPACE:NAME),
  // as audit.k8s.io/v1 Events.
  std::vector<nlohmann::json> Audit(const std::string& user) const;

  // SIGKILL, and the same again on the same port.
  void Kill() { apiserver_->Kill(); }
  void Restart();

 private:
  explicit KubeApiServer(std::string dir) : dir_(std::move(dir)) {}
  void MakeCertificates(const std::optional<pki::KeyPair>& ca);
  void StartEtcd();
  void StartApiServer(int port);
  void AwaitReady() const;

  const std::string dir_;
  kube::ConnectionConfig config_;
  pki::KeyPair ca_;
  std::string etcd_url_;
  std::unique_ptr<ChildProcess> etcd_;
  std::unique_ptr<ChildProcess> apiserver_;
};

}  // namespace firesteel::test
