// What both daemons write while two machines become a cluster: lines that a machine can read, and no secret,
// neither there nor in Events nor in any object.
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <sstream>

#include "base/encoding.h"
#include "controller/kube/rest_client.h"
#include "tests/support/fake_machine.h"
#include "tests/support/lab.h"
#include "tests/support/shared_api_server.h"
#include "tests/support/workload.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

constexpr const char* kNode1 = "52:54:00:77:00:01";
constexpr const char* kNode2 = "52:54:00:77:00:02";
// A line of base64 of this length is no coincidence; every private key has some.
constexpr size_t kKeyLine = 64;
// Of Secrets, but public: names, times and certificates.
const std::set<std::string> kPublic{"bootID", "mintedAt", "tls.crt", "ca.crt"};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class Logs : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
  }
  // From apply until both machines have their secrets and reported; one token is guessed wrong on the way.
  void Boot(const std::string& format) {
    lab_ = std::make_unique<Lab>(*SharedServer(), format);
    lab_->Apply(lab_->Host("node1", kNode1, {{"clusterRef", {{"name", "demo"}}}, {"role", "control-plane"}}));
    lab_->Apply(lab_->Host("node2", kNode2, {{"clusterRef", {{"name", "demo"}}}, {"role", "worker"}}));
    lab_->Apply(lab_->Cluster("demo", workload_.Endpoint()));
    const FakeMachine node1(lab_->boot_url(), kNode1);
    const FakeMachine node2(lab_->boot_url(), kNode2);
    const HttpAnswer config1 = NetBoot(node1);
    ASSERT_EQ(config1.status, 200);
    HttpGet(lab_->secure_url() + "/ignition/52-54-00-77-00-01/stage2", "a-wrong-token", lab_->authority().certificate);
    EXPECT_TRUE(Eventually([&] { return node1.Report(config1, "kubeadm-init", "failed", "said \"no\"\n\x01 and more").status == 204; }));
    Gather();
    ASSERT_NO_FATAL_FAILURE(workload_.Start(*lab_));
    EXPECT_TRUE(Eventually([&] { return node1.Report(config1, "kubeadm-init", "succeeded").status == 204; }));
    const HttpAnswer config2 = NetBoot(node2);
    ASSERT_EQ(config2.status, 200);
    Gather();  // a token goes with the join
    ASSERT_NO_FATAL_FAILURE(workload_.Join("node1"));
    ASSERT_NO_FATAL_FAILURE(workload_.Join("node2"));
    for (const char* host : {"node1", "node2"}) {
      EXPECT_TRUE(Eventually([&] { return lab_->State(kube::kBareMetalHosts, host) == "Provisioned"; })) << host;
    }
    Gather();
  }

  // Remembers every secret that is there now, under the name of where it was found.
  void Gather() {
    const Result<kube::ObjectPage> page = lab_->client().List(kube::kSecrets, Everything());
    ASSERT_TRUE(page.ok());
    for (const json& secret : page->items) {
      const json data = secret.value("data", json::object());
      for (const auto& [key, value] : data.items()) {
        if (kPublic.count(key) == 0) Remember(secret.at("metadata").at("name").get<std::string>() + "/" + key, value.get<std::string>());
      }
    }
  }
  void Remember(const std::string& name, const std::string& base64) {
    const std::string plain = *Base64Decode(base64);
    if (plain.find("PRIVATE KEY") == std::string::npos && plain.find("client-key-data") == std::string::npos) {
      secrets_.insert({name, plain});
      secrets_.insert({name + " in base64", base64});
      // A bootstrap token's first part is public.
      if (name.ends_with("/joinToken")) secrets_.insert({name + "'s secret part", plain.substr(plain.find('.') + 1)});
      return;
    }
    secrets_.insert({name, KeyLine(plain)});
  }
  // One line that only this key has: not the first, where its kind and length are written.
  static std::string KeyLine(const std::string& pem) {
    size_t at = pem.find("client-key-data:");
    if (at != std::string::npos) return pem.substr(at + 200, kKeyLine);
    at = pem.find('\n', pem.find('\n', pem.find("PRIVATE KEY")) + 1) + 1;
    return pem.substr(at, kKeyLine).substr(0, pem.find('\n', at) - at);
  }
  kube::ListOptions Everything() const { return {.ns = lab_->ns(), .label_selector = "", .resource_version = "", .continue_token = ""}; }
  std::string EventsAndObjects() {
    std::string text;
    for (const kube::Resource& resource : {kube::kEvents, kube::kBareMetalHosts, kube::kClusters}) {
      const Result<kube::ObjectPage> page = lab_->client().List(resource, Everything());
      EXPECT_TRUE(page.ok());
      if (!page.ok()) continue;
      EXPECT_FALSE(page->items.empty());
      for (const json& object : page->items) text += object.dump() + "\n";
    }
    return text;
  }
  void ExpectNoSecretIn(const std::string& text, const char* where) {
    for (const auto& [name, secret] : secrets_) {
      ASSERT_GE(secret.size(), 8u) << name;
      EXPECT_EQ(text.find(secret), std::string::npos) << name << " is in " << where;
    }
    EXPECT_EQ(text.find("PRIVATE KEY"), std::string::npos) << where;
  }

  std::unique_ptr<Lab> lab_;
  Workload workload_;
  std::map<std::string, std::string> secrets_;  // where it is, and what
};

TEST_F(Logs, AreOneJsonObjectAnEventWithoutSecrets) {
  Boot("json");
  for (const ChildProcess* daemon : {&lab_->controller(), &lab_->bootd()}) {
    const std::vector<std::string> lines = Lines(daemon->Output());
    EXPECT_GE(lines.size(), 5u);
    for (const std::string& line : lines) {
      const json event = json::parse(line, nullptr, false);
      ASSERT_TRUE(event.is_object()) << line;
      for (const char* key : {"ts", "level", "msg"}) EXPECT_TRUE(event.contains(key) && event.at(key).is_string()) << line;
      const std::string level = event.value("level", "");
      EXPECT_TRUE(level == "debug" || level == "info" || level == "warning" || level == "error") << line;
    }
  }
  // 5 authorities and keys, the kubeconfig, the tokens of two machines.
  EXPECT_GE(secrets_.size(), 10u);
  ExpectNoSecretIn(lab_->Logs(), "the logs");
  ExpectNoSecretIn(EventsAndObjects(), "Events or objects");
}

TEST_F(Logs, AreOneLineOfTextAnEventWithoutSecrets) {
  Boot("text");
  const std::regex form("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z (debug|info|warning|error) .+");
  for (const ChildProcess* daemon : {&lab_->controller(), &lab_->bootd()}) {
    for (const std::string& line : Lines(daemon->Output())) EXPECT_TRUE(std::regex_match(line, form)) << line;
  }
  ExpectNoSecretIn(lab_->Logs(), "the logs");
  ExpectNoSecretIn(EventsAndObjects(), "Events or objects");
}

}  // namespace
}  // namespace firesteel::test
