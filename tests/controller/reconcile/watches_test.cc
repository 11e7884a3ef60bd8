// Whom a change makes due: all whom it concerns, and not 10,000 others.
#include "controller/reconcile/watches.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <deque>
#include <thread>

namespace firesteel::reconcile {
namespace {

using api::ObjectKey;
using nlohmann::json;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Names = std::vector<std::string>;

// An API server that holds nothing and tells what the test has it tell.
class FakeApi : public kube::Client {
 public:
  void Tell(const kube::Resource& resource, kube::WatchEventType type, json object) {
    std::lock_guard lock(mutex_);
    object["metadata"]["namespace"] = "ns";
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    events_[resource.plural].push_back({type, std::move(object)});
    ++told_;
    changed_.notify_all();
  }
  // Until all that was told has been dealt with.
  void Settle() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return dealt_with_ == told_; });
  }
  Result<kube::ObjectPage> List(const kube::Resource&, const kube::ListOptions&) override { return kube::ObjectPage{{}, "1", ""}; }
  Status Watch(const kube::Resource& resource, const kube::WatchOptions&, const std::function<void(kube::WatchEvent)>& on_event,
               std::stop_token stop) override {
    const std::stop_callback wake(stop, [this] { changed_.notify_all(); });
    std::unique_lock lock(mutex_);
    std::deque<kube::WatchEvent>& events = events_[resource.plural];
    while (!stop.stop_requested()) {
      if (events.empty()) {
        changed_.wait_for(lock, std::chrono::milliseconds(20));
        continue;
      }
      kube::WatchEvent event = std::move(events.front());
      events.pop_front();
      lock.unlock();
      on_event(std::move(event));
      lock.lock();
      ++dealt_with_;
      changed_.notify_all();
    }
    return {};
  }
  Result<json> Get(const kube::Resource&, const ObjectKey&) override { return NotFound(""); }
  Result<json> Create(const kube::Resource&, const std::string&, const json&) override { return NotFound(""); }
  Result<std::string> MergePatch(const kube::Resource&, const ObjectKey&, kube::Subresource, const json&) override { return NotFound(""); }
  Status Delete(const kube::Resource&, const ObjectKey&) override { return {}; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::deque<kube::WatchEvent>> events_;  // all guarded by mutex_
  int version_ = 1;
  int told_ = 0;
  int dealt_with_ = 0;
};

json Named(const std::string& name) { return {{"metadata", {{"name", name}, {"creationTimestamp", "2026-11-21T04:35:23Z"}}}}; }

json Host(const std::string& name, const std::string& mac, const std::string& cluster, const char* state = "Registered") {
  json host = Named(name);
  host["spec"] = {{"bootMACAddress", "52:54:00:77:00:" + mac}, {"role", "worker"}, {"clusterRef", {{"name", cluster}}}};
  host["status"] = {{"state", state}};
  return host;
}

json Secret(const std::string& name, const std::string& cluster) {
  json secret = Named(name);
  secret["metadata"]["labels"] = {{api::kClusterNameLabel, cluster}};
  return secret;
}

class WatchesTest : public testing::Test {
 protected:
  void Put(const kube::Resource& resource, const json& object) { Tell(resource, kube::WatchEventType::kModified, object); }
  void Gone(const kube::Resource& resource, const json& object) { Tell(resource, kube::WatchEventType::kDeleted, object); }
  void Tell(const kube::Resource& resource, kube::WatchEventType type, const json& object) {
    api_.Tell(resource, type, object);
    api_.Settle();
  }
  void AddKeys(const std::string& cluster) {
    for (const char* suffix : {"-ca", "-etcd", "-proxy", "-sa"}) Put(kube::kSecrets, Secret(cluster + suffix, cluster));
  }
  static Names Drain(runtime::WorkQueue& queue) {
    Names names;
    while (queue.Depth() != 0) {
      const ObjectKey key = queue.Take().value_or(ObjectKey{});
      names.push_back(key.name);
      queue.Finish(key);
    }
    return names;
  }
  Names DueHosts() { return Drain(watches_.due_hosts); }
  Names DueClusters() { return Drain(watches_.due_clusters); }
  void SetUp() override {
    for (const char* cluster : {"demo", "other"}) Put(kube::kClusters, Named(cluster));
    Put(kube::kBareMetalHosts, Host("a", "01", "demo"));
    Put(kube::kBareMetalHosts, Host("b", "02", "demo"));
    Put(kube::kBareMetalHosts, Host("c", "03", "other"));
    DueHosts();
    DueClusters();
  }

  FakeApi api_;
  Watches watches_{api_, ""};
};

TEST_F(WatchesTest, AHostThatGivesUpItsMacFreesWhoWantedItToo) {
  Put(kube::kBareMetalHosts, Host("d", "03", "demo"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("c", "d")) << "c may be the younger one";
  Put(kube::kBareMetalHosts, Host("c", "04", "other"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("c", "d"));
  Gone(kube::kBareMetalHosts, Host("d", "03", "demo"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("d", "a", "b")) << "it, and those of its cluster";
}

TEST_F(WatchesTest, WhatAHostIsInTheWayOfIsAMatterOfItsSpec) {
  Put(kube::kBareMetalHosts, Host("d", "03", "demo"));
  DueHosts();
  Put(kube::kBareMetalHosts, Host("c", "03", "other", "Booting"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("c"));
  json younger = Host("c", "03", "other", "Booting");
  younger["metadata"]["uid"] = "another";  // deleted and made again
  Put(kube::kBareMetalHosts, younger);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("c", "d"));
  json broken = younger;
  broken["spec"]["bootMACAddress"] = "nonsense";
  Put(kube::kBareMetalHosts, broken);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("c", "d"));
}

TEST_F(WatchesTest, AHostThatGoesOrMovesConcernsTheClusterThatItLeft) {
  Put(kube::kBareMetalHosts, Host("b", "02", "other"));
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("demo", "other"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a", "b"));
  Gone(kube::kBareMetalHosts, Host("c", "03", "other"));
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("other"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("b", "c"));
}

TEST_F(WatchesTest, AClusterLooksAtItsHostsWhereItCountsOneOtherwise) {
  json host = Host("a", "01", "demo");
  host["spec"]["network"]["interfaces"] = {{{"name", "eth0"}, {"nameservers", {"10.0.0.2"}}}};
  Put(kube::kBareMetalHosts, host);
  EXPECT_THAT(DueClusters(), IsEmpty());
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a"));
  host["status"]["state"] = "Provisioned";
  Put(kube::kBareMetalHosts, host);
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("demo"));
  host["metadata"]["deletionTimestamp"] = "2026-11-22T06:00:00Z";
  Put(kube::kBareMetalHosts, host);
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("demo"));
  Put(kube::kBareMetalHosts, Host("new", "09", "demo"));
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("demo"));
}

// The first control planes of a shared address all wait for the one without an address.
TEST_F(WatchesTest, AnAddressOfAControlPlaneConcernsTheOthers) {
  const auto control_plane = [](const std::string& name, const std::string& mac) {
    json host = Host(name, mac, "demo");
    host["spec"]["role"] = "control-plane";
    return host;
  };
  for (const char* name : {"p1", "p2", "p3"}) Put(kube::kBareMetalHosts, control_plane(name, std::string("1") + name[1]));
  DueHosts();
  DueClusters();
  json host = control_plane("p3", "13");
  host["spec"]["network"]["interfaces"] = {{{"name", "eth0"}, {"addresses", {"10.0.0.13/24"}}}};
  Put(kube::kBareMetalHosts, host);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("p1", "p2", "p3")) << "no worker";
  host["status"] = {{"state", "Booting"}, {"message", "x"}};
  Put(kube::kBareMetalHosts, host);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("p3")) << "its progress concerns nobody";
  host["status"] = {{"state", "Provisioned"}, {"nodeName", "p3"}, {"ip", "10.0.0.13"}};
  Put(kube::kBareMetalHosts, host);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("p1", "p2", "p3")) << "it holds etcd's data";
  host["metadata"]["deletionTimestamp"] = "2026-11-22T06:00:00Z";
  Put(kube::kBareMetalHosts, host);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("p1", "p2", "p3"));
}

TEST_F(WatchesTest, AClusterConcernsItsHostsInWhatTheyReadOfIt) {
  json cluster = Named("demo");
  cluster["metadata"]["generation"] = 1;
  cluster["spec"] = {{"kubernetesVersion", "v1.36.3"}, {"os", {{"version", "1.2.3"}}}, {"controlPlaneEndpoint", {{"host", "10.0.0.10"}, {"port", 6443}}}};
  Put(kube::kClusters, cluster);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a", "b"));
  cluster["status"] = {{"workers", {{"desired", 2}, {"ready", 1}}}, {"phase", "Provisioning"}};
  Put(kube::kClusters, cluster);
  EXPECT_THAT(DueHosts(), IsEmpty()) << "10,000 would look for each that becomes Ready";
  cluster["status"]["initialization"] = {{"controlPlaneInitialized", true}};
  Put(kube::kClusters, cluster);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a", "b"));
  cluster["metadata"]["annotations"] = {{api::kConfirmAnnotation, "true"}};
  Put(kube::kClusters, cluster);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a", "b"));
  Gone(kube::kClusters, cluster);
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a", "b"));
}

TEST_F(WatchesTest, EverythingIsLookedAtOnceInARoundOfSlices) {
  constexpr size_t kSlices = 7;
  Names hosts, clusters;
  for (size_t slice = 0; slice < kSlices; ++slice) {
    watches_.AddSlice(slice, kSlices);
    for (const std::string& name : DueHosts()) hosts.push_back(name);
    for (const std::string& name : DueClusters()) clusters.push_back(name);
  }
  EXPECT_THAT(hosts, UnorderedElementsAre("a", "b", "c"));
  EXPECT_THAT(clusters, UnorderedElementsAre("demo", "other"));
}

TEST_F(WatchesTest, HostsWaitForAllKeysOfTheirCluster) {
  Put(kube::kSecrets, Secret("demo-ca", "demo"));
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("demo"));
  EXPECT_THAT(DueHosts(), IsEmpty());
  AddKeys("demo");
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a", "b"));
}

TEST_F(WatchesTest, AKubeconfigConcernsHostsThatHaveBooted) {
  AddKeys("demo");
  json booted = Host("b", "02", "demo");
  booted["status"]["bootAttempts"] = 1;
  Put(kube::kBareMetalHosts, booted);
  DueHosts();
  DueClusters();
  Put(kube::kSecrets, Secret("demo-kubeconfig", "demo"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("b")) << "a asks nothing of the cluster's API";
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("demo"));
  Put(kube::kSecrets, Secret("demo-ca", "demo"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a", "b"));
}

TEST_F(WatchesTest, ASecretThatGoesConcernsWhomItIsNamedAfter) {
  Put(kube::kSecrets, Secret("a-boot", "demo"));
  AddKeys("demo");
  DueHosts();
  DueClusters();
  Gone(kube::kSecrets, Secret("a-boot", "demo"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a"));
  EXPECT_THAT(DueClusters(), IsEmpty());
  Gone(kube::kSecrets, Secret("demo-etcd", "demo"));
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("demo"));
}

TEST_F(WatchesTest, FilesConcernThoseThatMayYetBoot) {
  AddKeys("demo");
  Put(kube::kBareMetalHosts, Host("b", "02", "demo", "Provisioned"));
  DueHosts();
  DueClusters();
  watches_.AddForFiles();
  EXPECT_THAT(DueHosts(), UnorderedElementsAre("a"));
  EXPECT_THAT(DueClusters(), UnorderedElementsAre("demo", "other"));
}

}  // namespace
}  // namespace firesteel::reconcile
