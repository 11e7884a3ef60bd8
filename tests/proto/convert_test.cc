#include "proto/convert.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "proto/artifact_name.h"

namespace firesteel::contract {
namespace {

const WallTime kTime = *ParseTime("2026-11-21T04:35:23.000250Z");

BootEntry AnEntry() {
  BootEntry entry;
  entry.id = "default/node1";
  entry.mac = *MacAddress::Parse("52:54:00:77:00:01");
  entry.boot_id = "b1";
  entry.intent = BootIntent::kNetboot;
  entry.kernel = "flatcar/1/vmlinuz";
  entry.initrds = {"flatcar/1/initrd"};
  entry.kernel_arguments = {"console=ttyS0"};
  entry.ignition = Ignition{.stage2 = "{}",
                            .stage2_sha512 = Sha512Hex("{}"),
                            .fetch_token = "f",
                            .report_token = "r",
                            .expires_at = kTime,
                            .delivered = true};
  return entry;
}

TEST(Convert, EntriesRoundTrip) {
  EXPECT_EQ(*FromProto(ToProto(AnEntry())), AnEntry());
  BootEntry held = AnEntry();
  held.intent = BootIntent::kHold;
  held.hold_reason = "not yet";
  held.ignition.reset();
  EXPECT_EQ(*FromProto(ToProto(held)), held);
}

TEST(Convert, ArtifactsRoundTrip) {
  for (Artifact artifact : {Artifact{"a/b", "http://x/b", ExpectedSha256{std::string(64, 'a')}},
                            Artifact{"a/b", "https://x/b", ExpectedSha512{std::string(128, '0')}},
                            Artifact{"a/b", "https://x/b", ExpectedFromDigests{"https://x/b.DIGESTS"}}}) {
    EXPECT_EQ(*FromProto(ToProto(artifact)), artifact);
  }
  const ArtifactStatus status{"a", ArtifactState::kRetrying, 1, 2, "why", "http://x", ""};
  EXPECT_EQ(*FromProto(ToProto(status)), status);
}

TEST(Convert, EventsOfEveryKindRoundTrip) {
  for (int kind = 0; kind <= static_cast<int>(EventKind::kUnknownMac); ++kind) {
    BootEvent event;
    event.cursor = 7;
    event.time = kTime;
    event.entry_id = "default/node1";
    event.mac = MacAddress::Parse("52:54:00:77:00:01").value();
    event.client_address = "10.0.0.1";
    event.boot_id = "b1";
    event.kind = static_cast<EventKind>(kind);
    event.detail = "d";
    if (event.kind == EventKind::kReport) {
      event.report = Report{"b1", "kubeadm-init", ReportState::kFailed, "m", "log"};
    }
    EXPECT_EQ(*FromProto(ToProto(event)), event);
  }
}

TEST(Convert, RefusesWhatIsNotAnEntryAndNamesTheField) {
  const struct { const char* field; void (*spoil)(pb::BootEntry&); } cases[] = {
      {"no id", [](pb::BootEntry& e) { e.clear_id(); }},
      {"mac", [](pb::BootEntry& e) { e.set_mac("x"); }},
      {"intent", [](pb::BootEntry& e) { e.clear_intent(); }},
      {"kernel", [](pb::BootEntry& e) { e.set_kernel("../etc/shadow"); }},
      {"initrd", [](pb::BootEntry& e) { e.add_initrds("/etc/shadow"); }},
      {"stage2", [](pb::BootEntry& e) { e.mutable_ignition()->set_stage2(std::string(5u << 20, 'x')); }},
      {"report_token", [](pb::BootEntry& e) { e.mutable_ignition()->clear_report_token(); }}};
  for (const auto& test : cases) {
    pb::BootEntry entry = ToProto(AnEntry());
    test.spoil(entry);
    const Result<BootEntry> read = FromProto(entry);
    ASSERT_FALSE(read.ok()) << test.field;
    EXPECT_NE(read.error().message.find(test.field), std::string::npos) << read.error().message;
  }
}

TEST(Convert, RefusesAnArtifactWithoutChecksumOrWithAnUnsafeName) {
  pb::Artifact artifact;
  artifact.set_name("a");
  artifact.set_url("http://x");
  EXPECT_FALSE(FromProto(artifact).ok());
  artifact.set_sha256("ABC");
  EXPECT_FALSE(FromProto(artifact).ok());
  artifact.set_sha256(std::string(64, 'a'));
  EXPECT_TRUE(FromProto(artifact).ok());
  artifact.set_url("file:///etc/shadow");
  EXPECT_FALSE(FromProto(artifact).ok());
}

TEST(SafeRelativePath, CannotLeaveItsDirectory) {
  for (const char* good : {"a", "a/b.c", "flatcar/4152.2.0/amd64-usr/x_y.gz", "k3s-v1+k3s1.raw"}) {
    EXPECT_TRUE(IsSafeRelativePath(good)) << good;
  }
  for (const char* bad : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a\\b", "a b", "a\nb", "%2e"}) {
    EXPECT_FALSE(IsSafeRelativePath(bad)) << bad;
  }
  EXPECT_FALSE(IsSafeRelativePath(std::string(513, 'a')));
}

}  // namespace
}  // namespace firesteel::contract
