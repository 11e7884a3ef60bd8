#include "tests/support/kube_api_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/api/manifest.h"
#include "controller/kube/rest_client.h"
#include "controller/pki/certificates.h"

namespace firesteel::test {
namespace {

namespace fs = std::filesystem;

// A port that was free a moment ago: etcd and kube-apiserver cannot say which one port 0 gave them.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

pid_t Spawn(const std::vector<std::string>& arguments, const std::string& log) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(out, 1);
  dup2(out, 2);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  _exit(127);
}

void End(pid_t& pid, int signal) {
  if (pid <= 0) return;
  kill(pid, signal);
  waitpid(pid, nullptr, 0);
  pid = -1;
}

std::string ToolPath(const std::string& name) {
  const std::string command = std::string(FIRESTEEL_SOURCE_DIR) + "/deploy/lab/tools path " + name;
  FILE* pipe = popen(command.c_str(), "r");
  char line[1024] = "";
  if (fgets(line, sizeof line, pipe) == nullptr) line[0] = '\0';
  pclose(pipe);
  const std::string path = line;
  return path.substr(0, path.find('\n'));
}

}  // namespace

std::unique_ptr<KubeApiServer> KubeApiServer::Start() {
  if (access(ToolPath("kube-apiserver").c_str(), X_OK) != 0) return nullptr;
  const std::string dir = testing::TempDir() + "firesteel-apiserver-" + RandomHex(4);
  fs::create_directories(dir);
  std::unique_ptr<KubeApiServer> server(new KubeApiServer(dir));
  server->MakeCertificates();
  server->etcd_port_ = FreePort();
  server->port_ = FreePort();
  server->config_.server = "https://127.0.0.1:" + std::to_string(server->port_);
  server->StartEtcd();
  server->StartApiServer();
  server->AwaitReady();
  return server;
}

KubeApiServer::~KubeApiServer() {
  End(apiserver_, SIGKILL);
  End(etcd_, SIGKILL);
  fs::remove_all(dir_);
}

void KubeApiServer::MakeCertificates() {
  const WallTime now = SystemClock().Now();
  const pki::KeyPair ca = *pki::GenerateCa("test", now);
  const pki::KeyPair server = *pki::IssueLeaf(ca, {"kube-apiserver", "", {"127.0.0.1"}}, now);
  const pki::KeyPair admin = *pki::IssueLeaf(ca, {"admin", "system:masters", {}}, now);
  const pki::KeyPair sa = *pki::GenerateServiceAccountKey();
  const std::pair<const char*, const std::string*> files[] = {{"/ca.crt", &ca.certificate},
                                                              {"/server.crt", &server.certificate},
                                                              {"/server.key", &server.key},
                                                              {"/sa.key", &sa.key}};
  for (const auto& [name, content] : files) EXPECT_TRUE(WriteFileAtomically(dir_ + name, *content, 0600).ok());
  config_.ca = ca.certificate;
  config_.client_cert = admin.certificate;
  config_.client_key = admin.key;
}

void KubeApiServer::StartEtcd() {
  const std::string client = "http://127.0.0.1:" + std::to_string(etcd_port_);
  const std::string peer = "http://127.0.0.1:" + std::to_string(FreePort());
  etcd_ = Spawn({"/usr/bin/etcd", "--data-dir", dir_ + "/etcd", "--unsafe-no-fsync", "--listen-client-urls", client,
                 "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
                 "--initial-cluster", "default=" + peer},
                dir_ + "/etcd.log");
}

void KubeApiServer::StartApiServer() {
  apiserver_ = Spawn({ToolPath("kube-apiserver"), "--etcd-servers", "http://127.0.0.1:" + std::to_string(etcd_port_),
                      "--secure-port", std::to_string(port_), "--bind-address", "127.0.0.1", "--advertise-address",
                      "127.0.0.1", "--service-cluster-ip-range", "10.0.0.0/24", "--authorization-mode", "RBAC",
                      "--client-ca-file", dir_ + "/ca.crt", "--tls-cert-file", dir_ + "/server.crt",
                      "--tls-private-key-file", dir_ + "/server.key", "--service-account-issuer", "https://test",
                      "--service-account-key-file", dir_ + "/sa.key", "--service-account-signing-key-file",
                      dir_ + "/sa.key", "--endpoint-reconciler-type", "none"},
                     dir_ + "/apiserver.log");
}

void KubeApiServer::AwaitReady() const {
  const std::unique_ptr<kube::Client> client = NewClient();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (std::chrono::steady_clock::now() < end) {
    // The namespace that tests use is the last thing that a new API server makes.
    if (client->Get({"", "v1", "namespaces"}, {"", "default"}).ok()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  ADD_FAILURE() << "kube-apiserver is not ready:\n" << ReadFile(dir_ + "/apiserver.log").value();
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
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (const kube::Resource& resource : {kube::kBareMetalHosts, kube::kClusters}) {
    while (!client->List(resource, {}).ok()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << resource.plural << " are not served";
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
}

void KubeApiServer::Kill() { End(apiserver_, SIGKILL); }

void KubeApiServer::Restart() {
  StartApiServer();
  AwaitReady();
}

}  // namespace firesteel::test
