// What a person sees of an action that is refused, and how often it is written.
#include "controller/reconcile/carry_out.h"

#include <gtest/gtest.h>

#include <deque>

namespace firesteel::reconcile {
namespace {

using api::HostState;
using nlohmann::json;

// Takes every patch of an object, and keeps them.
class PatchTaker : public kube::Client {
 public:
  Result<std::string> MergePatch(const kube::Resource&, const api::ObjectKey&, kube::Subresource, const json& patch) override {
    patches.push_back(patch);
    return std::to_string(100 + patches.size());
  }
  Result<json> Get(const kube::Resource&, const api::ObjectKey&) override { return NotFound(""); }
  Result<kube::ObjectPage> List(const kube::Resource&, const kube::ListOptions&) override { return NotFound(""); }
  Status Watch(const kube::Resource&, const kube::WatchOptions&, const std::function<void(kube::WatchEvent)>&, std::stop_token) override { return {}; }
  Result<json> Create(const kube::Resource&, const std::string&, const json&) override { return NotFound(""); }
  Status Delete(const kube::Resource&, const api::ObjectKey&) override { return {}; }

  std::deque<json> patches;
};

class CarryOutTest : public testing::Test {
 protected:
  CarryOutTest() {
    host_.metadata = {.name = "a", .ns = "ns", .uid = "u", .resource_version = "1", .generation = 3, .creation_timestamp = {},
                      .deletion_timestamp = {}, .finalizers = {}, .labels = {}, .annotations = {}};
    host_.status.observed_generation = 3;
    host_.status.boot_id = "b1";
    planned_ = host_.status;
    planned_.state = HostState::kBooting;
  }
  // One look: the object is then what it was made.
  CarriedOut Look(const Status& acted) {
    StatusWriter writer(client_);
    const CarriedOut done = CarryOut(writer, kube::kBareMetalHosts, host_, planned_, WallTime{}, [&] {
      patches_before_acting_ = client_.patches.size();
      return acted;
    });
    for (const json& patch : client_.patches) whole_.merge_patch(patch);
    if (whole_.contains("status")) {
      json object = {{"metadata", {{"name", "a"}, {"namespace", "ns"}}}, {"spec", {{"bootMACAddress", "52:54:00:77:00:01"}, {"role", "worker"}}}};
      object["status"] = api::StatusToJson(host_.status);
      object["status"].merge_patch(whole_.at("status"));
      host_.status = api::BareMetalHostFromJson(object)->status;
    }
    return done;
  }
  std::string Stalled() const {
    const api::Condition* stalled = api::FindCondition(host_.status.conditions, "Stalled");
    return stalled == nullptr || stalled->status != api::ConditionStatus::kTrue ? "" : stalled->reason + ": " + stalled->message;
  }
  size_t Writes() {
    const size_t writes = client_.patches.size();
    client_.patches.clear();
    return writes;
  }

  const Status refused_ = InvalidArgument("stage 2 is too large");
  PatchTaker client_;
  json whole_ = json::object();
  api::BareMetalHost host_;
  api::BareMetalHostStatus planned_;
  size_t patches_before_acting_ = 0;
};

TEST_F(CarryOutTest, ARefusedActionIsStalledWithItsWords) {
  const CarriedOut done = Look(refused_);
  EXPECT_TRUE(done.written.ok());
  EXPECT_EQ(done.acted.error().message, "stage 2 is too large");
  EXPECT_EQ(Stalled(), "ActionRefused: stage 2 is too large");
  EXPECT_EQ(host_.status.state, HostState::kError);
}

TEST_F(CarryOutTest, ARefusalThatStandsIsWrittenOnce) {
  static_cast<void>(Look(refused_));
  Writes();
  static_cast<void>(Look(refused_));
  EXPECT_EQ(Writes(), 0u);
  static_cast<void>(Look(InvalidArgument("another reason")));
  EXPECT_EQ(Writes(), 1u);
  EXPECT_EQ(Stalled(), "ActionRefused: another reason");
}

TEST_F(CarryOutTest, StalledIsTakenBackWhenTheActionSucceeds) {
  static_cast<void>(Look(refused_));
  Writes();
  EXPECT_TRUE(Look({}).acted.ok());
  EXPECT_EQ(Writes(), 1u);
  EXPECT_EQ(Stalled(), "");
  EXPECT_EQ(host_.status.state, HostState::kBooting);
}

TEST_F(CarryOutTest, WhatPassesByItselfDoesNotStall) {
  static_cast<void>(Look(refused_));
  EXPECT_FALSE(Look(Unavailable("no answer")).acted.ok());
  EXPECT_EQ(Stalled(), "");
  EXPECT_EQ(host_.status.state, HostState::kBooting);
}

TEST_F(CarryOutTest, ANewBootIsWrittenBeforeAnybodyIsToldOfIt) {
  static_cast<void>(Look(refused_));
  Writes();
  planned_.boot_id = "b2";
  static_cast<void>(Look(refused_));
  EXPECT_EQ(patches_before_acting_, 1u);
  EXPECT_EQ(host_.status.boot_id, "b2");
  EXPECT_EQ(Stalled(), "ActionRefused: stage 2 is too large");
}

TEST_F(CarryOutTest, AMachineThatHasItsConfigurationKeepsItsState) {
  planned_.state = HostState::kProvisioned;
  static_cast<void>(Look(MakeError(Code::kPermissionDenied, "nodes is forbidden")));
  EXPECT_EQ(Stalled(), "ActionRefused: nodes is forbidden");
  EXPECT_EQ(host_.status.state, HostState::kProvisioned);
}

TEST_F(CarryOutTest, WordsOfThePlanStandBeforeThoseOfAnAction) {
  api::SetCondition(planned_.conditions, {"Stalled", api::ConditionStatus::kTrue, "InvalidSpec", "the plan's words", 3, {}}, WallTime{});
  static_cast<void>(Look(refused_));
  EXPECT_EQ(Stalled(), "InvalidSpec: the plan's words");
}

}  // namespace
}  // namespace firesteel::reconcile
