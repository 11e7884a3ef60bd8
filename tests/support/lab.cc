#include "tests/support/lab.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "controller/api/manifest.h"
#include "controller/kube/rest_client.h"
#include "tests/support/fake_machine.h"

namespace firesteel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const kube::Resource kNamespaces{"", "v1", "namespaces"};
constexpr const char* kBoard = "os/amd64-usr/9999.0.0/";

json Object(const char* kind, const std::string& ns, const std::string& name, json spec) {
  return {{"apiVersion", "firesteel.dev/v1alpha1"},
          {"kind", kind},
          {"metadata", {{"name", name}, {"namespace", ns}}},
          {"spec", std::move(spec)}};
}

}  // namespace

Lab::Lab(KubeApiServer& management, std::string log_format)
    : management_(management), log_format_(std::move(log_format)), ns_("t" + RandomHex(4)), dir_(testing::TempDir() + "firesteel-lab-" + RandomHex(4)),
      client_(management.NewClient()) {
  EXPECT_TRUE(client_->Create(kNamespaces, "", {{"metadata", {{"name", ns_}}}}).ok());
  GrantRights();
  MakeFiles();
  StartDaemons();
}

// The roles that a cluster's administrator would apply. Theirs are the names of namespaces; here it is
// the lab's own, so the ClusterRole is bound in it only.
void Lab::GrantRights() {
  const std::string file = std::string(FIRESTEEL_SOURCE_DIR) + "/deploy/base/rbac.yaml";
  const auto manifests = api::ParseManifests(ReadFile(file).value(), file);
  ASSERT_TRUE(manifests.ok()) << manifests.error().message;
  for (const api::Manifest& manifest : *manifests) {
    json object = manifest.object;
    std::string kind = object.at("kind").get<std::string>();
    if (kind == "ClusterRoleBinding") kind = "RoleBinding";
    object["kind"] = kind;
    if (kind != "ClusterRole") object["metadata"]["namespace"] = ns_;
    if (kind == "RoleBinding") object["subjects"][0]["namespace"] = ns_;
    const bool core = kind == "ServiceAccount";
    std::string plural = kind + "s";
    std::transform(plural.begin(), plural.end(), plural.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto created = client_->Create({core ? "" : "rbac.authorization.k8s.io", "v1", plural},
                                         kind == "ClusterRole" ? "" : ns_, object);
    ASSERT_TRUE(created.ok() || created.error().code == Code::kAlreadyExists) << created.error().message;
  }
}

std::string Lab::ControllerToken() {
  const json request = {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenRequest"}, {"spec", json::object()}};
  const Result<json> answer = client_->Create({"", "v1", "serviceaccounts/firesteel-controller/token"}, ns_, request);
  EXPECT_TRUE(answer.ok()) << answer.error().message;
  if (!answer.ok()) return "";
  kube::ConnectionConfig config = management_.config();
  config.client_cert.clear();
  config.client_key.clear();
  config.token = answer->at("status").at("token").get<std::string>();
  // The API server hears of new roles a moment later.
  const std::unique_ptr<kube::Client> probe = kube::NewRestClient(config);
  EXPECT_TRUE(Eventually([&] {
    const Result<json> lease = probe->Get(kube::kLeases, {ns_, "firesteel"});
    return probe->List(kube::kSecrets, {.ns = ns_, .label_selector = "", .resource_version = "", .continue_token = ""}).ok() &&
           (lease.ok() || lease.error().code == Code::kNotFound);
  }));
  return config.token;
}

Lab::~Lab() {
  if (testing::Test::HasFailure()) std::cout << Logs();
  controller_.reset();
  bootd_.reset();
  release_.reset();
  fs::remove_all(dir_);
}

void Lab::WriteRelease(const std::string& path, const std::string& content) {
  fs::create_directories(fs::path(dir_ + "/release/" + path).parent_path());
  EXPECT_TRUE(WriteFileAtomically(dir_ + "/release/" + path, content, 0644).ok());
}

void Lab::MakeFiles() {
  fs::create_directories(dir_ + "/assets");
  for (const char* file : {"flatcar_production_pxe.vmlinuz", "flatcar_production_pxe_image.cpio.gz"}) {
    const std::string content = std::string("content of ") + file;
    WriteRelease(std::string(kBoard) + file, content);
    WriteRelease(std::string(kBoard) + file + ".DIGESTS", "# SHA512 HASH\n" + Sha512Hex(content) + "  " + file + "\n");
  }
  WriteRelease("kubernetes.raw", "a sysext");
  authority_ = *pki::GenerateCa("firesteel", SystemClock().Now());
  WriteCertificates(authority_, authority_.certificate);
  const kube::ConnectionConfig api = management_.config();
  const json kubeconfig = {
      {"clusters", json::array({{{"name", "m"}, {"cluster", {{"server", api.server}, {"certificate-authority-data", Base64Encode(api.ca)}}}}})},
      {"users", json::array({{{"name", "m"}, {"user", {{"token", ControllerToken()}}}}})},
      {"contexts", json::array({{{"name", "m"}, {"context", {{"cluster", "m"}, {"user", "m"}}}}})},
      {"current-context", "m"}};
  EXPECT_TRUE(WriteFileAtomically(dir_ + "/kubeconfig", kubeconfig.dump(), 0600).ok());
}

void Lab::WriteCertificates(const pki::KeyPair& signer, const std::string& trusted) {
  const WallTime now = SystemClock().Now();
  const pki::KeyPair bootd = *pki::IssueLeaf(signer, {"bootd", "", {"127.0.0.1"}}, now);
  const pki::KeyPair controller = *pki::IssueLeaf(signer, {"controller", "", {}}, now);
  WriteSecret(dir_ + "/bootd-tls", {{"ca.crt", trusted}, {"tls.crt", bootd.certificate}, {"tls.key", bootd.key}});
  WriteSecret(dir_ + "/controller-tls", {{"ca.crt", trusted}, {"tls.crt", controller.certificate}, {"tls.key", controller.key}});
}

// https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter
void Lab::WriteSecret(const std::string& folder, const std::map<std::string, std::string>& files) {
  const std::string version = ".." + RandomHex(4);
  fs::create_directories(folder + "/" + version);
  for (const auto& [name, content] : files) {
    EXPECT_TRUE(WriteFileAtomically(folder + "/" + version + "/" + name, content, 0600).ok());
    if (!fs::is_symlink(folder + "/" + name)) fs::create_symlink("..data/" + name, folder + "/" + name);
  }
  fs::create_symlink(version, folder + "/..data_tmp");
  fs::rename(folder + "/..data_tmp", folder + "/..data");
}

std::string Lab::Metrics(const ChildProcess& daemon) const {
  static const std::regex listening("protocol\\W+health\\W+address\\W+([0-9.]+:[0-9]+)");
  const std::string output = daemon.Output();
  std::string address;
  for (std::sregex_iterator it(output.begin(), output.end(), listening), end; it != end; ++it) address = (*it)[1];
  return HttpGet("http://" + address + "/metrics").body;
}

void Lab::StartDaemons() {
  const std::string bin = FIRESTEEL_BINARY_DIR;
  const auto at = [](int port) { return "127.0.0.1:" + std::to_string(port); };
  release_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{bin + "/bootd/bootd", "--http-listen", at(release_port_), "--assets-dir", dir_ + "/release"},
      dir_ + "/release.log");
  bootd_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{bin + "/bootd/bootd", "--http-listen", at(http_port_), "--https-listen", at(https_port_),
                               "--tftp-listen", "127.0.0.1:0", "--grpc-listen", at(grpc_port_), "--health-listen",
                               "127.0.0.1:0", "--advertise-address", "127.0.0.1", "--assets-dir", dir_ + "/assets",
                               "--data-dir", dir_ + "/data", "--tls-cert", dir_ + "/bootd-tls/tls.crt", "--tls-key",
                               dir_ + "/bootd-tls/tls.key", "--tls-ca", dir_ + "/bootd-tls/ca.crt", "--log-format",
                               log_format_},
      dir_ + "/bootd.log");
  controller_ = StartController("controller");
}

std::unique_ptr<ChildProcess> Lab::StartController(const std::string& identity) const {
  const std::string certificates = dir_ + "/controller-tls";
  return std::make_unique<ChildProcess>(
      std::vector<std::string>{std::string(FIRESTEEL_BINARY_DIR) + "/controller/firesteel", "controller", "--kubeconfig", dir_ + "/kubeconfig",
                               "--namespace", ns_, "--bootd", "127.0.0.1:" + std::to_string(grpc_port_),
                               "--bootd-ca", certificates + "/ca.crt", "--bootd-cert", certificates + "/tls.crt",
                               "--bootd-key", certificates + "/tls.key", "--log-format", log_format_,
                               "--health-listen", "127.0.0.1:0", "--lease-namespace", ns_, "--identity", identity},
      dir_ + "/" + identity + ".log");
}

void Lab::AwaitLeader() {
  const auto renewed = [&] {
    const json lease = Read(kube::kLeases, "firesteel");
    return lease.is_object() ? lease.at("spec").value("renewTime", "") : "";
  };
  const std::string before = renewed();
  EXPECT_TRUE(Eventually([&] {
    if (!controller_->Running()) controller_->Start();
    const std::string now = renewed();
    return !now.empty() && now != before;
  })) << Logs();
}

std::string Lab::boot_url() const { return "http://127.0.0.1:" + std::to_string(http_port_); }
std::string Lab::secure_url() const { return "https://127.0.0.1:" + std::to_string(https_port_); }
std::string Lab::release_url() const { return "http://127.0.0.1:" + std::to_string(release_port_) + "/assets/"; }
std::string Lab::Logs() const { return "controller:\n" + controller_->Output() + "bootd:\n" + bootd_->Output(); }

json Lab::Cluster(const std::string& name, const json& change) const {
  json spec = {{"kubernetesVersion", "v1.36.3"},
               {"os", {{"version", "9999.0.0"}, {"baseURL", release_url() + "os"}}},
               {"controlPlaneEndpoint", {{"host", "127.0.0.1"}}},
               {"sysexts", json::array({{{"name", "kubernetes"},
                                         {"url", release_url() + "kubernetes.raw"},
                                         {"sha256", Sha256Hex("a sysext")}}})}};
  spec.merge_patch(change);
  return Object("Cluster", ns_, name, std::move(spec));
}

json Lab::Host(const std::string& name, const std::string& mac, const json& change) const {
  json spec = {{"bootMACAddress", mac}};
  spec.merge_patch(change);
  return Object("BareMetalHost", ns_, name, std::move(spec));
}

void Lab::Apply(const json& object) {
  const bool host = object.at("kind") == "BareMetalHost";
  Result<json> created = Unavailable("");
  // An API server that was killed a moment ago breaks a connection or two.
  EXPECT_TRUE(Eventually([&] {
    created = client_->Create(host ? kube::kBareMetalHosts : kube::kClusters, ns_, object);
    return created.ok() || created.error().code == Code::kAlreadyExists;
  }, 20)) << created.error().message;
}

json Lab::Read(const kube::Resource& resource, const std::string& name) {
  const Result<json> object = client_->Get(resource, {ns_, name});
  return object.ok() ? *object : json();
}

std::string Lab::State(const kube::Resource& resource, const std::string& name) {
  const json object = Read(resource, name);
  const json status = object.is_object() ? object.value("status", json::object()) : json::object();
  return status.value(resource == kube::kClusters ? "phase" : "state", "");
}

json Lab::Condition(const kube::Resource& resource, const std::string& name, const std::string& type) {
  const json object = Read(resource, name);
  if (!object.is_object()) return json::object();
  for (const json& condition : object.value("status", json::object()).value("conditions", json::array())) {
    if (condition.at("type") == type) return condition;
  }
  return json::object();
}

std::vector<std::string> Lab::Events(const std::string& name) {
  std::vector<std::string> lines;
  const Result<kube::ObjectPage> page = client_->List(kube::kEvents, {.ns = ns_, .label_selector = "", .resource_version = "", .continue_token = ""});
  EXPECT_TRUE(page.ok());
  if (!page.ok()) return lines;
  for (const json& event : page->items) {
    if (event.at("involvedObject").at("name") != name) continue;
    lines.push_back(event.at("reason").get<std::string>() + ": " + event.at("message").get<std::string>());
  }
  return lines;
}

}  // namespace firesteel::test
