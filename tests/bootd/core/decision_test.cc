#include "bootd/core/decision.h"

#include <gtest/gtest.h>

namespace bootd::core {
namespace {

using firesteel::contract::BootEntry;
using firesteel::contract::BootIntent;

const firesteel::WallTime kNow = *firesteel::ParseTime("2026-11-21T04:35:23Z");

BootEntry Entry(BootIntent intent, bool with_ignition) {
  BootEntry entry;
  entry.id = "default/node1";
  entry.boot_id = "b1";
  entry.intent = intent;
  entry.hold_reason = "because";
  if (with_ignition) {
    entry.ignition = firesteel::contract::Ignition{};
    entry.ignition->fetch_token = "fetch";
    entry.ignition->report_token = "report";
    entry.ignition->expires_at = kNow + std::chrono::hours(1);
  }
  return entry;
}

std::string Show(const Decision& decision) {
  if (std::holds_alternative<Serve>(decision)) return "serve";
  if (std::holds_alternative<Hold>(decision)) return "hold";
  if (std::holds_alternative<LocalBoot>(decision)) return "local";
  if (std::holds_alternative<NotReady>(decision)) return "not-ready";
  return RefusalName(std::get<Refuse>(decision).refusal);
}

struct Row {
  const char* name;
  BootIntent intent;
  bool ignition;
  Resource resource;
  bool encrypted;
  const char* bearer;
  bool delivered;
  int hours_later;
  const char* want;
};

constexpr BootIntent kBoot = BootIntent::kNetboot;
constexpr BootIntent kWait = BootIntent::kHold;
constexpr BootIntent kDisk = BootIntent::kLocal;

const Row kRows[] = {
    {"OfferToAHostThatMayBoot", kBoot, false, Resource::kOffer, false, "", false, 0, "serve"},
    {"OfferOnHoldLeadsToTheScriptThatTellsWhy", kWait, false, Resource::kOffer, false, "", false, 0, "hold"},
    {"OfferAfterDelivery", kBoot, true, Resource::kOffer, false, "", true, 0, "hold"},
    {"NoOfferToAHostThatStartsFromItsDisk", kDisk, true, Resource::kOffer, false, "", false, 0, "local"},
    {"NoOfferFromItsDiskAfterDelivery", kDisk, true, Resource::kOffer, false, "", true, 0, "local"},
    {"ScriptFromItsDisk", kDisk, false, Resource::kScript, false, "", false, 0, "local"},
    {"Stage1FromItsDisk", kDisk, true, Resource::kIgnitionStage1, false, "", false, 0, "not-ready"},
    {"Stage2FromItsDisk", kDisk, true, Resource::kIgnitionStage2, true, "fetch", false, 0, "not-ready"},
    {"ReportFromItsDisk", kDisk, true, Resource::kReport, true, "report", true, 0, "serve"},
    {"ScriptOfAHostThatMayBoot", kBoot, false, Resource::kScript, false, "", false, 0, "serve"},
    {"ScriptOnHold", kWait, false, Resource::kScript, false, "", false, 0, "hold"},
    {"ScriptAfterDelivery", kBoot, true, Resource::kScript, false, "", true, 0, "hold"},
    {"Stage1Ready", kBoot, true, Resource::kIgnitionStage1, false, "", false, 0, "serve"},
    {"Stage1NotMadeYet", kBoot, false, Resource::kIgnitionStage1, false, "", false, 0, "not-ready"},
    {"Stage1OnHold", kWait, true, Resource::kIgnitionStage1, false, "", false, 0, "not-ready"},
    {"Stage1Expired", kBoot, true, Resource::kIgnitionStage1, false, "", false, 2, "not-ready"},
    {"Stage1AfterDelivery", kBoot, true, Resource::kIgnitionStage1, false, "", true, 0, "already-delivered"},
    {"Stage1AfterDeliveryOnHold", kWait, true, Resource::kIgnitionStage1, false, "", true, 0, "already-delivered"},
    {"Stage2", kBoot, true, Resource::kIgnitionStage2, true, "fetch", false, 0, "serve"},
    {"Stage2InTheClear", kBoot, true, Resource::kIgnitionStage2, false, "fetch", false, 0, "not-encrypted"},
    {"Stage2WithoutToken", kBoot, true, Resource::kIgnitionStage2, true, "", false, 0, "wrong-token"},
    {"Stage2WithAnotherToken", kBoot, true, Resource::kIgnitionStage2, true, "report", false, 0, "wrong-token"},
    {"Stage2Twice", kBoot, true, Resource::kIgnitionStage2, true, "fetch", true, 0, "already-delivered"},
    {"Stage2TwiceWithWrongTokenTellsNothing", kBoot, true, Resource::kIgnitionStage2, true, "x", true, 0, "wrong-token"},
    {"Stage2Expired", kBoot, true, Resource::kIgnitionStage2, true, "fetch", false, 2, "expired"},
    {"Stage2NotMadeYet", kBoot, false, Resource::kIgnitionStage2, true, "fetch", false, 0, "not-ready"},
    {"Stage2OnHold", kWait, true, Resource::kIgnitionStage2, true, "fetch", false, 0, "not-ready"},
    {"Report", kWait, true, Resource::kReport, true, "report", true, 99, "serve"},
    {"ReportInTheClear", kWait, true, Resource::kReport, false, "report", true, 0, "not-encrypted"},
    {"ReportWithTheFetchToken", kWait, true, Resource::kReport, true, "fetch", true, 0, "wrong-token"},
    {"ReportBeforeTheControllerSpoke", kWait, false, Resource::kReport, true, "report", true, 0, "not-ready"},
};

class DecisionTest : public testing::TestWithParam<Row> {};

TEST_P(DecisionTest, IsAsTheTableSays) {
  const Row& row = GetParam();
  const BootEntry entry = Entry(row.intent, row.ignition);
  EXPECT_EQ(Show(Decide(&entry, {row.resource, row.encrypted, row.bearer, /*table_known=*/true, row.delivered,
                                 kNow + std::chrono::hours(row.hours_later)})),
            row.want);
}

TEST_P(DecisionTest, AnInstalledMachineStartsFromItsDiskAndElseNothingChanges) {
  const Row& row = GetParam();
  const BootEntry entry = Entry(row.intent, row.ignition);
  BootRequest request{row.resource, row.encrypted, row.bearer, /*table_known=*/true, row.delivered,
                      kNow + std::chrono::hours(row.hours_later)};
  request.installed = true;
  const bool boots = row.resource == Resource::kScript || row.resource == Resource::kOffer;
  EXPECT_EQ(Show(Decide(&entry, request)), boots ? "local" : row.want);
}

TEST_P(DecisionTest, AnUnknownMachineGetsNothingWhateverItAsks) {
  const Row& row = GetParam();
  EXPECT_EQ(Show(Decide(nullptr, {row.resource, row.encrypted, row.bearer, /*table_known=*/true, row.delivered, kNow})), "unknown-mac");
}

TEST_P(DecisionTest, UntilTheControllerHasSpokenNoMachineIsUnknown) {
  const Row& row = GetParam();
  EXPECT_EQ(Show(Decide(nullptr, {row.resource, row.encrypted, row.bearer, /*table_known=*/false, row.delivered, kNow})),
            "not-ready");
}

INSTANTIATE_TEST_SUITE_P(All, DecisionTest, testing::ValuesIn(kRows),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace bootd::core
