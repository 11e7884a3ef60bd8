// When a control plane's turn to join ends, and who may take it.
#include "controller/plan/control_plane/join_claim.h"

#include <gtest/gtest.h>

#include "controller/plan/cluster/cluster_plan.h"
#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using api::HostState;
using std::chrono::hours;
using std::chrono::minutes;

const api::HostClaim kClaim{"node1", "uid-node1", "b1", kNow};

struct Row {
  const char* name;
  HostState state = HostState::kBooting;
  const char* boot_id = "b1";
  bool configured = false;
  std::optional<minutes> seen_after = std::nullopt;  // the claim; nullopt = never since
  minutes now_after{0};
  ClaimState expected = ClaimState::kHeld;
};

const Row kRows[] = {
    {"JustMade"},
    {"ThatBootIsProvisioned", HostState::kProvisioned, "b1", true, {}, minutes(1), ClaimState::kDone},
    {"ThatBootIsProvisionedHowQuietItMayBe", HostState::kProvisioned, "b1", true, {}, hours(99), ClaimState::kDone},
    {"AnEarlierBootWasProvisioned", HostState::kProvisioned, "b0", true, {}, minutes(19)},
    {"SilentForAWhile", HostState::kBooting, "b1", false, {}, minutes(19)},
    {"SilentWithoutConfiguration", HostState::kBooting, "b1", false, {}, minutes(20), ClaimState::kSilent},
    {"ItWaitsAndAsks", HostState::kBooting, "b1", false, hours(5), hours(5) + minutes(19)},
    {"ItWaitedAndThenFellSilent", HostState::kBooting, "b1", false, hours(5), hours(5) + minutes(20), ClaimState::kSilent},
    {"WhatACacheSaysFromBeforeTheClaim", HostState::kBooting, "b1", false, -hours(48), minutes(19)},
    {"ConfiguredAndAtWork", HostState::kBootstrapping, "b1", true, {}, hours(2) - minutes(1)},
    {"ConfiguredAndFailingAgainAndAgain", HostState::kBootstrapping, "b1", true, hours(30), hours(31)},
    {"ConfiguredAndSilent", HostState::kBootstrapping, "b1", true, {}, hours(2), ClaimState::kSilent},
    {"ANewBootThatNeverCame", HostState::kWaitingForBoot, "b2", false, {}, minutes(20), ClaimState::kSilent},
    {"ANewBootsConfigurationIsNotThatOfTheClaim", HostState::kBootstrapping, "b2", true, {}, minutes(20), ClaimState::kSilent},
};

class JoinClaim : public testing::TestWithParam<Row> {};

TEST_P(JoinClaim, EndsWhenItIsUsedOrItsMachineIsSilent) {
  const Row& row = GetParam();
  HostSummary holder{"uid-node1", api::Role::kControlPlane, row.state, false, row.boot_id, {}};
  holder.configured = row.configured;
  if (row.seen_after) holder.seen_at = kNow + *row.seen_after;
  EXPECT_EQ(JudgeClaim(kClaim, &holder, kNow + row.now_after), row.expected);
}

INSTANTIATE_TEST_SUITE_P(All, JoinClaim, testing::ValuesIn(kRows), [](const auto& test) { return std::string(test.param.name); });

TEST(JoinClaim, EndsWithItsHost) { EXPECT_EQ(JudgeClaim(kClaim, nullptr, kNow), ClaimState::kDone); }

TEST(JoinClaim, FromAnEarlierVersionDoesNotEndBySilence) {
  api::HostClaim claim = kClaim;
  claim.since.reset();
  const HostSummary holder{"uid-node1", api::Role::kControlPlane, HostState::kBooting, false, "b1", {}};
  EXPECT_EQ(JudgeClaim(claim, &holder, kNow + hours(99)), ClaimState::kHeld);
}

ClusterView WithSilentHolder() {
  ClusterView view;
  view.cluster = ACluster();
  view.hosts = {{"uid-node1", api::Role::kControlPlane, HostState::kBooting, false, "b1", {}}};
  view.cluster.status.join_claim = view.cluster.status.init_claim = kClaim;
  view.now = kNow + minutes(20);
  return view;
}

TEST(JoinClaim, ItsEndBySilenceIsToldAndTheRightToInitStays) {
  const ClusterPlan plan = PlanCluster(WithSilentHolder());
  EXPECT_FALSE(plan.status.join_claim);
  EXPECT_TRUE(plan.status.init_claim);
  ASSERT_FALSE(plan.stories.empty());
  EXPECT_EQ(plan.stories.back().reason, "TurnPassedOn");
  EXPECT_NE(plan.stories.back().message.find("node1"), std::string::npos);
}

template <typename Action>
bool Has(const HostPlan& plan) {
  for (const HostAction& action : plan.actions) {
    if (std::holds_alternative<Action>(action)) return true;
  }
  return false;
}

TEST(JoinClaim, AMachineThatIsSilentDoesNotTakeItAgainUntilItIsHeardOf) {
  HostView view = SecondControlPlane();
  EXPECT_TRUE(Has<ClaimJoin>(PlanHost(view)));
  view.now = kNow + minutes(20);
  const HostPlan silent = PlanHost(view);
  EXPECT_FALSE(Has<ClaimJoin>(silent));
  EXPECT_EQ(api::FindCondition(silent.status.conditions, "Ready")->reason, "WaitingForBoot");
  contract::BootEvent event;
  event.time = view.now;
  event.boot_id = "b1";
  event.kind = contract::EventKind::kIgnitionWaiting;
  view.events = {event};
  const HostPlan heard = PlanHost(view);
  EXPECT_TRUE(Has<ClaimJoin>(heard));
  EXPECT_EQ(heard.status.seen_at, view.now);
}

TEST(JoinClaim, SignsOfLifeAreWrittenDownOnlyEveryFewMinutes) {
  HostView view = SecondControlPlane();
  view.host.status.seen_at = kNow;
  contract::BootEvent event;
  event.time = kNow + kSeenStep - std::chrono::seconds(1);
  event.boot_id = "b1";
  event.kind = contract::EventKind::kIgnitionWaiting;
  view.events = {event};
  EXPECT_EQ(PlanHost(view).status.seen_at, kNow);
  view.events[0].time = kNow + kSeenStep;
  EXPECT_EQ(PlanHost(view).status.seen_at, kNow + kSeenStep);
}

}  // namespace
}  // namespace firesteel::plan
