#include "controller/reconcile/host_index.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/plan/host/identity.h"
#include "controller/runtime/store.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

json Host(const std::string& name, const std::string& mac, const std::string& cluster, const json& more = json::object()) {
  json spec = {{"bootMACAddress", mac}, {"role", "worker"}, {"clusterRef", {{"name", cluster}}}};
  spec.update(more);
  return {{"metadata", {{"namespace", "default"}, {"name", name}, {"creationTimestamp", "2026-11-21T04:35:23Z"}}}, {"spec", spec}};
}

class HostIndexTest : public testing::Test {
 protected:
  // Names of the hosts in the way of this one.
  std::string RivalsOf(const std::string& name) const {
    std::string names;
    for (const api::BareMetalHost& rival : index_.RivalsOf(*index_.Find({"default", name}))) {
      names += rival.metadata.name + " ";
    }
    return names;
  }
  static std::string Names(const std::vector<HostPtr>& hosts) {
    std::string names;
    for (const HostPtr& host : hosts) names += host->metadata.name + " ";
    return names;
  }

  HostIndex index_;
  runtime::Store store_{[this](const api::ObjectKey& key, const json* host) { index_.Update(key, host); }};
};

TEST_F(HostIndexTest, RivalsShareAMacAnywhereOrANameOrAddressWithinTheirCluster) {
  const json address = {{"network", {{"interfaces", {{{"name", "eth0"}, {"addresses", {"10.0.0.1/24"}}}}}}}};
  store_.Put(Host("a", "52:54:00:77:00:01", "demo"));
  store_.Put(Host("b", "52:54:00:77:00:01", "other"));
  store_.Put(Host("c", "52:54:00:77:00:03", "demo", {{"hostname", "a"}}));
  store_.Put(Host("d", "52:54:00:77:00:04", "demo", address));
  store_.Put(Host("e", "52:54:00:77:00:05", "demo", address));
  store_.Put(Host("f", "52:54:00:77:00:06", "other", address));
  EXPECT_EQ(RivalsOf("a"), "b c ");
  EXPECT_EQ(RivalsOf("d"), "e ");
  EXPECT_EQ(RivalsOf("f"), "");
}

TEST_F(HostIndexTest, AHostThatChangesOrGoesIsInNobodysWay) {
  store_.Put(Host("a", "52:54:00:77:00:01", "demo", {{"hostname", "x"}}));
  store_.Put(Host("b", "52:54:00:77:00:02", "demo", {{"hostname", "x"}}));
  EXPECT_EQ(RivalsOf("b"), "a ");
  store_.Put(Host("a", "52:54:00:77:00:01", "demo", {{"hostname", "y"}}));
  EXPECT_EQ(RivalsOf("b"), "");
  store_.Put(Host("a", "52:54:00:77:00:01", "demo", {{"hostname", "x"}}));
  store_.Remove({"default", "a"});
  EXPECT_EQ(RivalsOf("b"), "");
  EXPECT_EQ(Names(index_.OfCluster({"default", "demo"})), "b ");
}

TEST_F(HostIndexTest, FollowsANewListAndSkipsWhatItCannotRead) {
  store_.Put(Host("old", "52:54:00:77:00:01", "demo"));
  store_.BeginList();
  store_.PutChanged({Host("a", "52:54:00:77:00:02", "demo", {{"role", "control-plane"}}), Host("b", "52:54:00:77:00:03", "demo"),
                     Host("broken", "nonsense", "demo")});
  store_.RemoveUnlisted();
  EXPECT_EQ(Names(index_.OfCluster({"default", "demo"})), "a b ");
  EXPECT_EQ(Names(index_.ControlPlanesOf({"default", "demo"})), "a ");
  EXPECT_TRUE(index_.OfCluster({"default", "other"}).empty());
}

TEST_F(HostIndexTest, SaysWhatAChangeReplaced) {
  const json object = Host("a", "52:54:00:77:00:01", "demo", {{"role", "control-plane"}});
  const json moved = Host("a", "52:54:00:77:00:01", "other");
  const api::ObjectKey key{"default", "a"};
  EXPECT_EQ(index_.Update(key, &object).before, nullptr);
  const HostIndex::Change change = index_.Update(key, &moved);
  EXPECT_EQ(*change.before, *api::BareMetalHostFromJson(object));
  EXPECT_EQ(*change.now, *api::BareMetalHostFromJson(moved));
  EXPECT_EQ(*index_.Find(key), *change.now);
  EXPECT_TRUE(index_.ControlPlanesOf({"default", "demo"}).empty());
  EXPECT_EQ(index_.KeysOfCluster({"default", "other"}), std::vector{key});
  EXPECT_EQ(*index_.Update(key, nullptr).before, *change.now);
  EXPECT_EQ(index_.Find(key), nullptr);
}

TEST_F(HostIndexTest, VisitsTheHostsOfAClusterInTheOrderOfTheirNames) {
  for (const char* name : {"b", "c", "a"}) store_.Put(Host(name, "52:54:00:77:00:01", "demo"));
  std::string names;
  index_.VisitCluster({"default", "demo"}, [&](const api::BareMetalHost& host) { names += host.metadata.name + " "; });
  EXPECT_EQ(names, "a b c ");
}

// The index may leave out nothing that the linear search would find.
TEST_F(HostIndexTest, FindsEveryConflictThatALookAtAllHostsFinds) {
  std::vector<api::BareMetalHost> all;
  for (int i = 0; i < 200; ++i) {
    const std::string mac = "52:54:00:00:00:" + std::string(1, "0123456789abcdef"[i % 16]) + std::string(1, "02468ace"[i % 7]);
    const json host = Host("h" + std::to_string(i), mac, i % 3 == 0 ? "demo" : "other", {{"hostname", "n" + std::to_string(i % 50)}});
    store_.Put(host);
    all.push_back(*api::BareMetalHostFromJson(host));
  }
  for (const api::BareMetalHost& host : all) {
    EXPECT_EQ(plan::FindConflict(host, index_.RivalsOf(host)).has_value(), plan::FindConflict(host, all).has_value());
  }
}

}  // namespace
}  // namespace firesteel::reconcile
