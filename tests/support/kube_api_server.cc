#include "tests/support/kube_api_server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/api/manifest.h"
#include "controller/kube/rest_client.h"
#include "tests/support/tools.h"

namespace firesteel::test {

namespace fs = std::filesystem;

namespace {

// Which ServiceAccount asked for what; nobody else's requests.
constexpr const char* kAuditPolicy =
    R"({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived", "ResponseStarted"],
        "rules": [{"level": "Metadata", "userGroups": ["system:serviceaccounts"]}, {"level": "None"}]})";

}  // namespace

std::unique_ptr<KubeApiServer> KubeApiServer::Start(const Options& options) {
  if (!HasTool("kube-apiserver")) return nullptr;
  const std::string dir = testing::TempDir() + "firesteel-apiserver-" + RandomHex(4);
  fs::create_directories(dir);
  std::unique_ptr<KubeApiServer> server(new KubeApiServer(dir));
  server->MakeCertificates(options.ca);
  const int port = options.port != 0 ? options.port : FreePort();
  server->config_.server = "https://127.0.0.1:" + std::to_string(port);
  server->StartEtcd();
  server->StartApiServer(port);
  server->AwaitReady();
  return server;
}

KubeApiServer::~KubeApiServer() {
  apiserver_.reset();
  etcd_.reset();
  fs::remove_all(dir_);
}

void KubeApiServer::MakeCertificates(const std::optional<pki::KeyPair>& given) {
  const WallTime now = SystemClock().Now();
  ca_ = given ? *given : *pki::GenerateCa("test", now);
  const pki::KeyPair server = *pki::IssueLeaf(ca_, {"kube-apiserver", "", {"127.0.0.1"}}, now);
  const pki::KeyPair admin = *pki::IssueLeaf(ca_, {"admin", "system:masters", {}}, now);
  const pki::KeyPair sa = *pki::GenerateServiceAccountKey();
  const std::pair<const char*, const std::string*> files[] = {{"/ca.crt", &ca_.certificate},
                                                              {"/server.crt", &server.certificate},
                                                              {"/server.key", &server.key},
                                                              {"/sa.pub", &sa.certificate},
                                                              {"/sa.key", &sa.key}};
  EXPECT_TRUE(WriteFileAtomically(dir_ + "/audit-policy.json", kAuditPolicy, 0600).ok());
  for (const auto& [name, content] : files) EXPECT_TRUE(WriteFileAtomically(dir_ + name, *content, 0600).ok());
  config_.ca = ca_.certificate;
  config_.client_cert = admin.certificate;
  config_.client_key = admin.key;
}

void KubeApiServer::StartEtcd() {
  etcd_url_ = "http://127.0.0.1:" + std::to_string(FreePort());
  const std::string peer = "http://127.0.0.1:" + std::to_string(FreePort());
  etcd_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"/usr/bin/etcd", "--data-dir", dir_ + "/etcd", "--unsafe-no-fsync", "--listen-client-urls",
                               etcd_url_, "--advertise-client-urls", etcd_url_, "--listen-peer-urls", peer,
                               "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer},
      dir_ + "/etcd.log");
}

void KubeApiServer::StartApiServer(int port) {
  apiserver_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{ToolPath("kube-apiserver"), "--etcd-servers", etcd_url_, "--secure-port",
                               std::to_string(port), "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1",
                               "--service-cluster-ip-range", "10.0.0.0/24", "--authorization-mode", "RBAC",
                               "--client-ca-file", dir_ + "/ca.crt", "--tls-cert-file", dir_ + "/server.crt",
                               "--tls-private-key-file", dir_ + "/server.key", "--service-account-issuer", "https://test",
                               "--service-account-key-file", dir_ + "/sa.pub", "--service-account-signing-key-file",
                               dir_ + "/sa.key", "--endpoint-reconciler-type", "none", "--allow-privileged=true",
                               "--enable-bootstrap-token-auth", "--audit-policy-file", dir_ + "/audit-policy.json",
                               "--audit-log-path", dir_ + "/audit.log"},
      dir_ + "/apiserver.log");
}

void KubeApiServer::AwaitReady() const {
  const std::unique_ptr<kube::Client> client = NewClient();
  // The namespace that tests use is the last thing that a new API server makes.
  const bool ready = Eventually([&] { return client->Get({"", "v1", "namespaces"}, {"", "default"}).ok(); }, 120);
  EXPECT_TRUE(ready) << "kube-apiserver is not ready:\n" << apiserver_->Output();
}

std::unique_ptr<kube::Client> KubeApiServer::NewClient() const { return kube::NewRestClient(config_); }

void KubeApiServer::ApplyCrds() {
  const std::unique_ptr<kube::Client> client = NewClient();
  const kube::Resource crds{"apiextensions.k8s.io", "v1", "customresourcedefinitions"};
  for (const char* name : {"baremetalhosts", "clusters"}) {
    const std::string file = std::string(FIRESTEEL_SOURCE_DIR) + "/crds/" + name + ".yaml";
    const auto manifests = api::ParseManifests(ReadFile(file).value(), file);
    ASSERT_TRUE(manifests.ok()) << manifests.error().message;
    const auto created = client->Create(crds, "", manifests->at(0).object);
    ASSERT_TRUE(created.ok()) << created.error().message;
  }
  for (const kube::Resource& resource : {kube::kBareMetalHosts, kube::kClusters}) {
    ASSERT_TRUE(Eventually([&] { return client->List(resource, {}).ok(); })) << resource.plural << " are not served";
  }
}

std::vector<nlohmann::json> KubeApiServer::Audit(const std::string& user) const {
  std::vector<nlohmann::json> requests;
  std::ifstream log(dir_ + "/audit.log");
  for (std::string line; std::getline(log, line);) {
    nlohmann::json request = nlohmann::json::parse(line, nullptr, false);
    if (request.is_object() && request.at("user").at("username") == user) requests.push_back(std::move(request));
  }
  return requests;
}

void KubeApiServer::Restart() {
  apiserver_->Start();
  AwaitReady();
}

}  // namespace firesteel::test
