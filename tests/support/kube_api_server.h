// A real etcd and kube-apiserver for tests, on loopback, in a temporary folder.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "controller/kube/client.h"
#include "controller/kube/connection.h"

namespace firesteel::test {

class KubeApiServer {
 public:
  // nullptr = the kube-apiserver program is not built (deploy/lab/tools build).
  static std::unique_ptr<KubeApiServer> Start();
  ~KubeApiServer();  // ends what it started

  kube::ConnectionConfig config() const { return config_; }  // as cluster administrator
  std::unique_ptr<kube::Client> NewClient() const;
  // Creates our CRDs and waits until they are served.
  void ApplyCrds();

  // SIGKILL, and the same again on the same port.
  void Kill();
  void Restart();

 private:
  explicit KubeApiServer(std::string dir) : dir_(std::move(dir)) {}
  void MakeCertificates();
  void StartEtcd();
  void StartApiServer();
  void AwaitReady() const;

  const std::string dir_;
  kube::ConnectionConfig config_;
  int etcd_port_ = 0;
  int port_ = 0;
  pid_t etcd_ = -1;
  pid_t apiserver_ = -1;
};

}  // namespace firesteel::test
