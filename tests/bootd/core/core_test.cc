#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/crypto.h"
#include "bootd/core/boot_table.h"
#include "bootd/core/delivery_log.h"
#include "bootd/core/event_log.h"

namespace bootd::core {
namespace {

using firesteel::contract::BootEntry;
using firesteel::contract::BootEvent;
using firesteel::contract::EventKind;

BootEntry Entry(const std::string& id, const char* mac) {
  BootEntry entry;
  entry.id = id;
  entry.mac = *firesteel::MacAddress::Parse(mac);
  return entry;
}

TEST(BootTable, FindsByMacAndForgetsWhatIsRemoved) {
  BootTable table;
  ASSERT_TRUE(table.Replace({Entry("a", "52:54:00:00:00:01")}).ok());
  ASSERT_TRUE(table.Apply({Entry("b", "52:54:00:00:00:02")}, {"a"}).ok());
  EXPECT_EQ(table.Find(*firesteel::MacAddress::Parse("52:54:00:00:00:01")), nullptr);
  EXPECT_EQ(table.Find(*firesteel::MacAddress::Parse("52:54:00:00:00:02"))->id, "b");
}

TEST(BootTable, AnUpdateWithADuplicateMacIsRefusedWhole) {
  BootTable table;
  ASSERT_TRUE(table.Replace({Entry("a", "52:54:00:00:00:01")}).ok());
  EXPECT_FALSE(table.Apply({Entry("c", "52:54:00:00:00:03"), Entry("b", "52:54:00:00:00:01")}, {}).ok());
  EXPECT_EQ(table.size(), 1u);
  EXPECT_FALSE(table.Replace({Entry("a", "52:54:00:00:00:01"), Entry("a", "52:54:00:00:00:02")}).ok());
}

TEST(BootTable, AMacMayMoveFromOneEntryToAnotherInOneUpdate) {
  BootTable table;
  ASSERT_TRUE(table.Replace({Entry("a", "52:54:00:00:00:01")}).ok());
  EXPECT_TRUE(table.Apply({Entry("b", "52:54:00:00:00:01")}, {"a"}).ok());
}

TEST(BootTable, EntriesMaySwapTheirMacsInOneUpdate) {
  const char* macs[] = {"52:54:00:00:00:01", "52:54:00:00:00:02"};
  BootTable table;
  ASSERT_TRUE(table.Replace({Entry("a", macs[0]), Entry("b", macs[1])}).ok());
  ASSERT_TRUE(table.Apply({Entry("a", macs[1]), Entry("b", macs[0])}, {}).ok());
  EXPECT_EQ(table.Find(*firesteel::MacAddress::Parse(macs[0]))->id, "b");
  EXPECT_EQ(table.Find(*firesteel::MacAddress::Parse(macs[1]))->id, "a");
  EXPECT_EQ(table.FindById("a")->mac, *firesteel::MacAddress::Parse(macs[1]));
  EXPECT_EQ(table.size(), 2u);
}

TEST(BootTable, AnEntryThatMovesLeavesItsMacToNobody) {
  BootTable table;
  ASSERT_TRUE(table.Replace({Entry("a", "52:54:00:00:00:01"), Entry("z", "52:54:00:00:00:09")}).ok());
  ASSERT_TRUE(table.Apply({Entry("a", "52:54:00:00:00:02")}, {"a", "unknown"}).ok()) << "of both the new one counts";
  EXPECT_EQ(table.Find(*firesteel::MacAddress::Parse("52:54:00:00:00:01")), nullptr);
  EXPECT_EQ(table.Find(*firesteel::MacAddress::Parse("52:54:00:00:00:02"))->id, "a");
  EXPECT_FALSE(table.Apply({Entry("b", "52:54:00:00:00:09"), Entry("a", "52:54:00:00:00:03")}, {}).ok());
  EXPECT_EQ(table.FindById("a")->mac, *firesteel::MacAddress::Parse("52:54:00:00:00:02")) << "refused whole";
  EXPECT_TRUE(table.Apply({Entry("b", "52:54:00:00:00:01")}, {}).ok());
}

BootEvent Event(EventKind kind, int seconds) {
  BootEvent event;
  event.kind = kind;
  event.boot_id = "b1";
  event.mac = *firesteel::MacAddress::Parse("52:54:00:00:00:01");
  event.time = firesteel::WallTime(std::chrono::seconds(1000 + seconds));
  return event;
}

TEST(EventLog, KeepsEventsUntilTheyAreAcknowledged) {
  EventLog log;
  log.Append(Event(EventKind::kScript, 0));
  log.Append(Event(EventKind::kKernel, 0));
  EXPECT_EQ(log.Since(0, 10).size(), 2u);
  EXPECT_EQ(log.Since(1, 10)[0].kind, EventKind::kKernel);
  log.Acknowledge(1);
  EXPECT_EQ(log.Since(0, 10).size(), 1u);
  EXPECT_EQ(log.acknowledged(), 1u);
}

TEST(EventLog, WhatIsOnlyRepeatedIsKeptOnceInTenSeconds) {
  EventLog log;
  for (int second = 0; second <= 20; ++second) log.Append(Event(EventKind::kHeld, second));
  EXPECT_EQ(log.Since(0, 100).size(), 3u);
  log.Append(Event(EventKind::kScript, 20));
  log.Append(Event(EventKind::kScript, 20));
  EXPECT_EQ(log.Since(0, 100).size(), 4u);
  auto elsewhere = Event(EventKind::kScript, 20);
  elsewhere.client_address = "10.9.9.9";
  log.Append(elsewhere);
  EXPECT_EQ(log.Since(0, 100).size(), 5u);
  for (int i = 0; i < 2; ++i) log.Append(Event(EventKind::kReport, 20));
  EXPECT_EQ(log.Since(0, 100).size(), 7u);
}

TEST(EventLog, ADropOfTheOldestIsCounted) {
  EventLog log;
  for (int i = 0; i < 10005; ++i) log.Append(Event(EventKind::kReport, i));
  EXPECT_EQ(log.dropped(), 5u);
  EXPECT_EQ(log.Since(0, 1)[0].cursor, 6u);
}

TEST(EventLog, StrangersWithManyAddressesDoNotPushOutWhatAMachineTold) {
  EventLog log;
  BootEvent report = Event(EventKind::kReport, 0);
  report.entry_id = "default/node1";
  log.Append(report);
  BootEvent script = report;
  script.kind = EventKind::kScript;
  log.Append(script);
  for (int i = 0; i < 20000; ++i) {
    BootEvent stranger = Event(EventKind::kUnknownMac, 0);
    stranger.mac = *firesteel::MacAddress::FromBytes(std::string("\x02\0\0", 3) + static_cast<char>(i >> 16) + static_cast<char>(i >> 8) + static_cast<char>(i));
    log.Append(stranger);
    BootEvent other = script;
    other.entry_id = "default/node2";
    other.client_address = std::to_string(i);
    log.Append(other);
  }
  const std::vector<BootEvent> kept = log.Since(0, 100000);
  EXPECT_EQ(kept.size(), 2u + 1000u + 100u);
  EXPECT_EQ(kept[0].kind, EventKind::kReport);
  EXPECT_EQ(kept[1].kind, EventKind::kScript);
  EXPECT_EQ(log.dropped(), 40000u - 1100u);
  log.Acknowledge(log.Since(0, 100000).back().cursor);
  EXPECT_TRUE(log.Since(0, 10).empty());
  log.Append(report);
  EXPECT_EQ(log.Since(0, 10).size(), 1u);
}

TEST(EventLog, WhatAnybodyCanCauseGoesFirstWhenTheLogIsFull) {
  EventLog log;
  for (int i = 0; i < 200; ++i) {
    BootEvent script = Event(EventKind::kScript, i);
    script.entry_id = std::to_string(i);
    log.Append(script);
  }
  for (int i = 0; i < 9900; ++i) log.Append(Event(EventKind::kReport, i));
  EXPECT_EQ(log.dropped(), 100u);
  const std::vector<BootEvent> kept = log.Since(0, 10000);
  EXPECT_EQ(std::count_if(kept.begin(), kept.end(), [](const BootEvent& e) { return e.kind == EventKind::kReport; }), 9900);
  EXPECT_EQ(kept[0].entry_id, "100") << "the oldest of them first";
}

TEST(EventLog, IsBoundedInBytesToo) {
  EventLog log;
  for (int i = 0; i < 10000; ++i) {
    firesteel::contract::BootEvent event = Event(EventKind::kReport, i);
    event.report = firesteel::contract::Report{"b", "images", firesteel::contract::ReportState::kFailed, "m", std::string(8192, 'x')};
    log.Append(event);
  }
  const size_t kept = 10000 - log.dropped();
  EXPECT_LE(kept * 8192, 32u << 20);
  EXPECT_GE(kept * 8192, 28u << 20);
  log.Acknowledge(10000);
  log.Append(Event(EventKind::kReport, 1));
  EXPECT_EQ(log.Since(0, 10).size(), 1u);
}

TEST(DeliveryLog, OutlivesARestartAndHoldsNoBootId) {
  const std::string dir = testing::TempDir() + "firesteel-deliveries-" + firesteel::RandomHex(4);
  ASSERT_TRUE((*DeliveryLog::Open(dir))->Add("boot-1").ok());
  auto log = *DeliveryLog::Open(dir);
  EXPECT_TRUE(log->Contains("boot-1"));
  EXPECT_FALSE(log->Contains("boot-2"));
  for (const auto& file : std::filesystem::directory_iterator(dir)) {
    EXPECT_EQ(file.path().string().find("boot-1"), std::string::npos);
  }
  log->KeepOnly({"boot-1", "boot-2"});
  EXPECT_TRUE(log->Contains("boot-1"));
  EXPECT_TRUE((*DeliveryLog::Open(dir))->Contains("boot-1"));
  log->KeepOnly({"boot-2"});
  EXPECT_FALSE(log->Contains("boot-1"));
  EXPECT_FALSE((*DeliveryLog::Open(dir))->Contains("boot-1"));
  std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace bootd::core
