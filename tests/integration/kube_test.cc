// The client, the watcher and leader election against a real API server.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/kube/rest_client.h"
#include "controller/pki/certificates.h"
#include "controller/runtime/event_recorder.h"
#include "controller/runtime/leader_elector.h"
#include "controller/runtime/watcher.h"
#include "tests/support/shared_api_server.h"

namespace firesteel::test {
namespace {

using nlohmann::json;


json ConfigMap(const std::string& name, const std::string& label) {
  return {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}, {"labels", {{"test", label}}}}}};
}

class Kube : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    client_ = SharedServer()->NewClient();
  }
  const std::string label_ = "t" + RandomHex(6);
  std::unique_ptr<kube::Client> client_;
};

TEST_F(Kube, CreatesReadsPatchesAndDeletes) {
  ASSERT_TRUE(client_->Create(kube::kConfigMaps, "default", ConfigMap(label_, label_)).ok());
  EXPECT_EQ(client_->Create(kube::kConfigMaps, "default", ConfigMap(label_, label_)).error().code, Code::kAlreadyExists);
  const Result<json> read = client_->Get(kube::kConfigMaps, {"default", label_});
  ASSERT_TRUE(read.ok());
  const json conditional = {{"metadata", {{"resourceVersion", read->at("metadata").at("resourceVersion")}}}, {"data", {{"a", "1"}}}};
  EXPECT_TRUE(client_->MergePatch(kube::kConfigMaps, {"default", label_}, kube::Subresource::kNone, conditional).ok());
  EXPECT_EQ(client_->MergePatch(kube::kConfigMaps, {"default", label_}, kube::Subresource::kNone, conditional).error().code, Code::kConflict);
  EXPECT_TRUE(client_->Delete(kube::kConfigMaps, {"default", label_}).ok());
  EXPECT_EQ(client_->Get(kube::kConfigMaps, {"default", label_}).error().code, Code::kNotFound);
}

TEST_F(Kube, ListsInPages) {
  for (int i = 0; i < 7; ++i) {
    ASSERT_TRUE(client_->Create(kube::kConfigMaps, "default", ConfigMap(label_ + std::to_string(i), label_)).ok());
  }
  kube::ListOptions options{.ns = "default", .label_selector = "test=" + label_, .resource_version = "", .limit = 3, .continue_token = ""};
  std::set<std::string> names;
  int pages = 0;
  do {
    const Result<kube::ObjectPage> page = client_->List(kube::kConfigMaps, options);
    ASSERT_TRUE(page.ok());
    for (const json& item : page->items) names.insert(item.at("metadata").at("name").get<std::string>());
    options.continue_token = page->continue_token;
    ++pages;
  } while (!options.continue_token.empty());
  EXPECT_EQ(names.size(), 7u);
  EXPECT_EQ(pages, 3);
}

TEST_F(Kube, WithoutCredentialsNothingIsServed) {
  kube::ConnectionConfig config = SharedServer()->config();
  config.client_cert.clear();
  config.client_key.clear();
  config.token = "not-a-token";
  EXPECT_EQ(kube::NewRestClient(config)->Get(kube::kConfigMaps, {"default", "x"}).error().code, Code::kUnauthenticated);
  config.ca = "";
  EXPECT_EQ(kube::NewRestClient(config)->Get(kube::kConfigMaps, {"default", "x"}).error().code, Code::kUnavailable);
  config.ca = "not a certificate";
  EXPECT_EQ(kube::NewRestClient(config)->Get(kube::kConfigMaps, {"default", "x"}).error().code, Code::kInvalidArgument);
}

TEST_F(Kube, ANameThatTheCertificateDoesNotHaveIsRefused) {
  kube::ConnectionConfig config = SharedServer()->config();
  config.server.replace(config.server.find("127.0.0.1"), 9, "localhost");
  const Error error = kube::NewRestClient(config)->Get(kube::kConfigMaps, {"default", "x"}).error();
  EXPECT_EQ(error.code, Code::kUnavailable);
  EXPECT_NE(error.message.find("certificate verify failed"), std::string::npos) << error.message;
}

TEST_F(Kube, ManyThreadsCallAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 24; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 20; ++round) {
        const Result<json> read = client_->Get(kube::kConfigMaps, {"default", label_ + std::to_string(i)});
        EXPECT_EQ(read.error().code, Code::kNotFound);
        EXPECT_NE(read.error().message.find("\"" + label_ + std::to_string(i) + "\""), std::string::npos) << read.error().message;
      }
    });
  }
}

TEST_F(Kube, NoAuthorityOfTheSystemVouchesForAServerWhoseOwnIsNamed) {
  kube::ConnectionConfig config = SharedServer()->config();
  const std::string system = testing::TempDir() + "firesteel-system-" + label_ + ".pem";
  ASSERT_TRUE(WriteFileAtomically(system, config.ca, 0644).ok());
  ASSERT_EQ(setenv("SSL_CERT_FILE", system.c_str(), 1), 0);
  config.ca = "";
  EXPECT_EQ(kube::NewRestClient(config)->Get(kube::kConfigMaps, {"default", "x"}).error().code, Code::kNotFound)
      << "the system's authorities are used where none is named";
  config.ca = pki::GenerateCa("stranger", SystemClock().Now())->certificate;
  EXPECT_EQ(kube::NewRestClient(config)->Get(kube::kConfigMaps, {"default", "x"}).error().code, Code::kUnavailable);
  unsetenv("SSL_CERT_FILE");
  std::remove(system.c_str());
}

// Collects the keys that a watcher tells.
class Told {
 public:
  void Add(const api::ObjectKey& key) {
    std::lock_guard lock(mutex_);
    keys_.insert(key.name);
    changed_.notify_all();
  }
  bool Await(const std::string& name) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return keys_.count(name) != 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> keys_;
};

TEST_F(Kube, AWatcherFollowsThroughARestartOfTheApiServerAndATooOldVersionIsToldApart) {
  runtime::Store store([](const api::ObjectKey&, const json*) {});
  Told told;
  const std::unique_ptr<kube::Client> own = SharedServer()->NewClient();
  const runtime::Watcher watcher(*own, {kube::kConfigMaps, "default", "test=" + label_}, store, [&](const api::ObjectKey& key) { told.Add(key); });
  ASSERT_TRUE(client_->Create(kube::kConfigMaps, "default", ConfigMap(label_ + "-a", label_)).ok());
  EXPECT_TRUE(told.Await(label_ + "-a"));
  SharedServer()->Kill();
  SharedServer()->Restart();
  // The connection of before the restart is not used again.
  const Result<json> created = client_->Create(kube::kConfigMaps, "default", ConfigMap(label_ + "-b", label_));
  ASSERT_TRUE(created.ok()) << created.error().message;
  EXPECT_TRUE(told.Await(label_ + "-b"));
  EXPECT_NE(store.Version({"default", label_ + "-b"}), "");

  // Its cache now begins later than the first version. The watcher above may have been told the same, and listed again.
  const Status too_old = client_->Watch(kube::kConfigMaps, {.ns = "default", .label_selector = "", .resource_version = "1", .timeout_seconds = 5},
                                        [](kube::WatchEvent) {}, std::stop_token());
  ASSERT_FALSE(too_old.ok());
  EXPECT_EQ(too_old.error().code, Code::kOutOfRange) << too_old.error().message;
}

TEST_F(Kube, TheSecondCandidateLeadsWhenTheFirstLetsGo) {
  const api::ObjectKey lease{"default", label_};
  const std::unique_ptr<kube::Client> other = SharedServer()->NewClient();
  runtime::LeaderElector first(*client_, SystemClock(), {.lease = lease, .identity = "first", .retry_period = std::chrono::seconds(1)});
  runtime::LeaderElector second(*other, SystemClock(), {.lease = lease, .identity = "second", .retry_period = std::chrono::seconds(1)});
  std::stop_source stop_first, stop_second;
  ASSERT_TRUE(first.Acquire(stop_first.get_token()));
  std::jthread candidate([&] {
    EXPECT_TRUE(second.Acquire(stop_second.get_token()));
    second.Release();
  });
  stop_first.request_stop();
  EXPECT_TRUE(first.Hold(stop_first.get_token()));  // returns at once
  first.Release();
  candidate.join();
}

TEST_F(Kube, AnEventToldTwiceIsOneEvent) {
  const runtime::EventSubject subject{"BareMetalHost", "uid-" + label_, {"default", label_}};
  runtime::EventRecorder recorder(*client_, SystemClock());
  EXPECT_TRUE(recorder.Record(subject, {.warning = true, .reason = "Tested", .message = "m", .key = "k"}).ok());
  EXPECT_TRUE(recorder.Record(subject, {.warning = true, .reason = "Tested", .message = "m", .key = "k"}).ok());
  EXPECT_TRUE(recorder.Record(subject, {.warning = false, .reason = "Tested", .message = "other", .key = "k2"}).ok());
  const Result<kube::ObjectPage> events = client_->List(kube::kEvents, {.ns = "default", .label_selector = "", .resource_version = "", .limit = 500, .continue_token = ""});
  int count = 0;
  for (const json& event : events->items) count += event.at("involvedObject").value("uid", "") == subject.uid ? 1 : 0;
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace firesteel::test
