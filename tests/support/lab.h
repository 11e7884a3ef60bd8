// The real controller and the real bootd against a real API server, on loopback and in a temporary
// folder. Only the machines are missing: tests play them (fake_machine.h).
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/child_process.h"
#include "tests/support/kube_api_server.h"

namespace firesteel::test {

class Lab {
 public:
  explicit Lab(KubeApiServer& management, std::string log_format = "text");
  ~Lab();

  // A namespace of the lab's own: all its objects live there.
  const std::string& ns() const { return ns_; }
  kube::Client& client() { return *client_; }

  // Cluster and BareMetalHost with the lab's artifacts; `change` is merged into the spec.
  nlohmann::json Cluster(const std::string& name, const nlohmann::json& change = nlohmann::json::object()) const;
  nlohmann::json Host(const std::string& name, const std::string& mac, const nlohmann::json& change) const;
  void Apply(const nlohmann::json& object);
  nlohmann::json Read(const kube::Resource& resource, const std::string& name);  // null = not there
  // status.state or, of a Cluster, status.phase; "" = none yet.
  std::string State(const kube::Resource& resource, const std::string& name);
  // The named condition; an empty object where it is not there.
  nlohmann::json Condition(const kube::Resource& resource, const std::string& name, const std::string& type);
  // Messages of the Events about `name`, with their reason: "Reason: message".
  std::vector<std::string> Events(const std::string& name);

  // Where machines ask, http://127.0.0.1:PORT.
  std::string boot_url() const;
  std::string secure_url() const;
  // Everything both daemons wrote.
  std::string Logs() const;

  // What both daemons show and trust, in place within a moment as the kubelet puts a Secret there: one renamed
  // link for all files. `signer` issues the certificates.
  void WriteCertificates(const pki::KeyPair& signer, const std::string& trusted);
  const pki::KeyPair& authority() const { return authority_; }  // who signed the first ones
  // What /metrics of a daemon says.
  std::string Metrics(const ChildProcess& daemon) const;

  // A file of the release server; `content` replaces it.
  void WriteRelease(const std::string& path, const std::string& content);
  std::string release_url() const;

  // As whom the controller speaks to the API server: with the rights of deploy/base/rbac.yaml only.
  std::string controller_user() const { return "system:serviceaccount:" + ns_ + ":firesteel-controller"; }

  // Until the controller has renewed its Lease. One that gave up its lead, because the API server was away
  // for too long, is started again, as the kubelet would.
  void AwaitLeader();

  // A further replica of the controller: it waits until it may lead.
  std::unique_ptr<ChildProcess> StartController(const std::string& identity) const;

  ChildProcess& controller() { return *controller_; }
  ChildProcess& bootd() { return *bootd_; }
  KubeApiServer& management() { return management_; }

 private:
  void GrantRights();
  std::string ControllerToken();
  void MakeFiles();
  void WriteSecret(const std::string& folder, const std::map<std::string, std::string>& files);
  void StartDaemons();

  KubeApiServer& management_;
  const std::string log_format_;
  const std::string ns_;
  const std::string dir_;
  std::unique_ptr<kube::Client> client_;
  pki::KeyPair authority_;
  const int http_port_ = FreePort();
  const int https_port_ = FreePort();
  const int grpc_port_ = FreePort();
  const int release_port_ = FreePort();
  std::unique_ptr<ChildProcess> release_;
  std::unique_ptr<ChildProcess> bootd_;
  std::unique_ptr<ChildProcess> controller_;
};

}  // namespace firesteel::test
