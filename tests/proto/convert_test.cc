#include "proto/convert.h"
#include "proto/limits.h"

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
  EXPECT_TRUE(Check(ToProto(AnEntry())).ok());
  BootEntry held = AnEntry();
  held.intent = BootIntent::kHold;
  held.hold_reason = "not yet";
  held.ignition.reset();
  EXPECT_EQ(*FromProto(ToProto(held)), held);
  held.intent = BootIntent::kLocal;
  EXPECT_EQ(*FromProto(ToProto(held)), held);
}

TEST(Convert, ArtifactsRoundTrip) {
  for (Artifact artifact : {Artifact{"a/b", "http://x/b", ExpectedSha256{std::string(64, 'a')}},
                            Artifact{"a/b", "https://x/b", ExpectedSha512{std::string(128, '0')}},
                            Artifact{"a/b", "https://x/b", ExpectedFromDigests{"https://x/b.DIGESTS"}},
                            Artifact{"a/b", "https://x/b", ExpectedSignature{"https://x/b.sig", std::string("\x99\0k", 3)}}}) {
    EXPECT_EQ(*FromProto(ToProto(artifact)), artifact);
  }
  const ArtifactStatus status{"a", ArtifactState::kRetrying, 1, 2, "why", "http://x", ""};
  EXPECT_EQ(*FromProto(ToProto(status)), status);
}

TEST(Convert, EventsOfEveryKindRoundTrip) {
  for (int kind = 0; kind <= static_cast<int>(EventKind::kOffer); ++kind) {
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

TEST(Convert, HellosRoundTrip) {
  const ArtifactStatus status{.name = "flatcar/kernel", .state = ArtifactState::kReady, .bytes_done = 5, .bytes_total = 5, .error = "",
                              .url = "https://x/kernel", .sha512 = std::string(128, 'a')};
  const BootdInfo info{"i", "http://10.0.0.2", "https://10.0.0.2:8443", "1", {status}};
  EXPECT_EQ(*FromProto(ToProto(info)), info);
  for (const BootdInfo& bad : {BootdInfo{"", "http://x", "https://x", ""}, BootdInfo{"i", "", "https://x", ""},
                               BootdInfo{"i", "http://x", "ftp://x", ""},
                               BootdInfo{std::string(129, 'i'), "http://x", "https://x", ""}}) {
    EXPECT_FALSE(FromProto(ToProto(bad)).ok());
  }
}

TEST(Convert, ComputesTheDigestOfStage2OnReceipt) {
  BootEntry entry = AnEntry();
  entry.ignition->stage2_sha512 = "what the sender believes";
  EXPECT_EQ(FromProto(ToProto(entry))->ignition->stage2_sha512, Sha512Hex("{}"));
}

TEST(Convert, ADeliveredIgnitionNeedsOnlyItsReportToken) {
  BootEntry entry = AnEntry();
  entry.ignition = Ignition{"", "", "", "report", kTime, true};
  EXPECT_EQ(*FromProto(ToProto(entry)), entry);
  entry.ignition->delivered = false;
  EXPECT_FALSE(FromProto(ToProto(entry)).ok());
}

TEST(Convert, RefusesWhatIsNotAnEntryAndNamesTheField) {
  const struct { const char* field; void (*spoil)(pb::BootEntry&); } cases[] = {
      {"no id", [](pb::BootEntry& e) { e.clear_id(); }},
      {"no id", [](pb::BootEntry& e) { e.set_id(std::string(513, 'i')); }},
      {"no id", [](pb::BootEntry& e) { e.set_id("a\nb"); }},
      {"mac", [](pb::BootEntry& e) { e.set_mac("x"); }},
      {"mac", [](pb::BootEntry& e) { e.set_mac("00:00:00:00:00:00"); }},
      {"boot_id", [](pb::BootEntry& e) { e.set_boot_id(std::string(129, 'b')); }},
      {"intent", [](pb::BootEntry& e) { e.clear_intent(); }},
      {"intent", [](pb::BootEntry& e) { e.set_intent(static_cast<pb::BootEntry::Intent>(99)); }},
      {"hold_reason", [](pb::BootEntry& e) { e.set_hold_reason(std::string(1025, 'r')); }},
      {"kernel", [](pb::BootEntry& e) { e.set_kernel("../etc/shadow"); }},
      {"kernel", [](pb::BootEntry& e) { e.clear_kernel(); }},
      {"initrd", [](pb::BootEntry& e) { e.add_initrds("/etc/shadow"); }},
      {"initrds", [](pb::BootEntry& e) { for (int i = 0; i < 17; ++i) e.add_initrds("x"); }},
      {"kernel_arguments", [](pb::BootEntry& e) { e.add_kernel_arguments("quiet\nshell"); }},
      {"kernel_arguments", [](pb::BootEntry& e) { e.add_kernel_arguments(""); }},
      {"kernel_arguments", [](pb::BootEntry& e) { e.add_kernel_arguments("\xff"); }},
      {"kernel_arguments", [](pb::BootEntry& e) { for (int i = 0; i < 129; ++i) e.add_kernel_arguments("x"); }},
      {"stage2", [](pb::BootEntry& e) { e.mutable_ignition()->set_stage2(std::string((4u << 20) + 1, 'x')); }},
      {"stage2", [](pb::BootEntry& e) { e.mutable_ignition()->set_delivered(false); e.mutable_ignition()->clear_stage2(); }},
      {"expires_at", [](pb::BootEntry& e) { e.mutable_ignition()->mutable_expires_at()->set_seconds(INT64_MAX); }},
      {"expires_at", [](pb::BootEntry& e) { e.mutable_ignition()->mutable_expires_at()->set_nanos(-1); }},
      {"fetch_token", [](pb::BootEntry& e) { e.mutable_ignition()->set_delivered(false); e.mutable_ignition()->clear_fetch_token(); }},
      {"report_token", [](pb::BootEntry& e) { e.mutable_ignition()->clear_report_token(); }}};
  for (const auto& test : cases) {
    pb::BootEntry entry = ToProto(AnEntry());
    test.spoil(entry);
    const Result<BootEntry> read = FromProto(entry);
    ASSERT_FALSE(read.ok()) << test.field;
    EXPECT_NE(read.error().message.find(test.field), std::string::npos) << read.error().message;
    ASSERT_FALSE(Check(entry).ok());
    EXPECT_EQ(Check(entry).error().message, read.error().message);
  }
}

TEST(Convert, ComplaintsDoNotShowSecrets) {
  pb::BootEntry entry = ToProto(AnEntry());
  entry.mutable_ignition()->set_delivered(false);
  entry.mutable_ignition()->set_fetch_token("s3cret\n");
  EXPECT_EQ(FromProto(entry).error().message.find("s3cret"), std::string::npos);
}

TEST(Convert, RefusesAnArtifactWithoutChecksumOrWithAnUnsafeName) {
  pb::Artifact good;
  good.set_name("a");
  good.set_url("http://x");
  EXPECT_FALSE(FromProto(good).ok()) << "no checksum";
  good.set_sha256(std::string(64, 'a'));
  ASSERT_TRUE(FromProto(good).ok());
  void (*spoil[])(pb::Artifact&) = {[](pb::Artifact& a) { a.set_sha256(std::string(64, 'A')); },
                                    [](pb::Artifact& a) { a.set_sha512(std::string(64, 'a')); },
                                    [](pb::Artifact& a) { a.set_digests_url("file:///x"); },
                                    [](pb::Artifact& a) { a.mutable_signature()->set_url("https://x/b.sig"); },
                                    [](pb::Artifact& a) { a.mutable_signature()->set_keyring("k"); },
                                    [](pb::Artifact& a) {
                                      a.mutable_signature()->set_url("https://x/b.sig");
                                      a.mutable_signature()->set_keyring(std::string(kMaxKeyringBytes + 1, 'k'));
                                    },
                                    [](pb::Artifact& a) { a.set_name("../a"); },
                                    [](pb::Artifact& a) { a.set_url("file:///etc/shadow"); },
                                    [](pb::Artifact& a) { a.set_url("http://"); },
                                    [](pb::Artifact& a) { a.set_url("http://x/a b"); },
                                    [](pb::Artifact& a) { a.set_url("http://x/\r\nHost: y"); },
                                    [](pb::Artifact& a) { a.set_url("http://" + std::string(2048, 'x')); }};
  for (const auto& one : spoil) {
    pb::Artifact bad = good;
    one(bad);
    EXPECT_FALSE(FromProto(bad).ok()) << bad.ShortDebugString();
  }
}

TEST(Convert, RefusesWhatIsNotAnEvent) {
  BootEvent event;
  event.cursor = 7;
  event.kind = EventKind::kReport;
  event.report = Report{"b1", "kubeadm-init", ReportState::kFailed, "m", "log"};
  const pb::BootEvent good = ToProto(event);
  ASSERT_TRUE(FromProto(good).ok());
  void (*spoil[])(pb::BootEvent&) = {[](pb::BootEvent& e) { e.clear_cursor(); },
                                     [](pb::BootEvent& e) { e.set_mac("x"); },
                                     [](pb::BootEvent& e) { e.clear_kind(); },
                                     [](pb::BootEvent& e) { e.set_kind(static_cast<pb::BootEvent::Kind>(99)); },
                                     [](pb::BootEvent& e) { e.clear_report(); },
                                     [](pb::BootEvent& e) { e.mutable_report()->clear_state(); },
                                     [](pb::BootEvent& e) { e.mutable_report()->set_log_tail(std::string(8193, 'x')); },
                                     [](pb::BootEvent& e) { e.set_detail(std::string(1025, 'x')); },
                                     [](pb::BootEvent& e) { e.mutable_time()->set_seconds(INT64_MIN); }};
  for (const auto& one : spoil) {
    pb::BootEvent bad = good;
    one(bad);
    EXPECT_FALSE(FromProto(bad).ok()) << bad.ShortDebugString();
  }
}

TEST(Convert, FreeTextIsCutAndMadeTextBeforeItTravels) {
  BootEvent event;
  event.cursor = 1;
  event.kind = EventKind::kReport;
  event.detail = std::string(5000, 'd') + "\xff";
  event.report = Report{"b", "s", ReportState::kFailed, "\xc3(", "begin" + std::string(9000, 'l') + "end"};
  std::string bytes;
  ASSERT_TRUE(ToProto(event).SerializeToString(&bytes));
  pb::BootEvent arrived;
  ASSERT_TRUE(arrived.ParseFromString(bytes));
  const Result<BootEvent> read = FromProto(arrived);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->detail, std::string(1024, 'd'));
  EXPECT_EQ(read->report->message, "\xef\xbf\xbd(");
  EXPECT_EQ(read->report->log_tail.substr(8189), "end");
}

TEST(Convert, RefusesAnArtifactStatusThatCannotBe) {
  const ArtifactStatus good{"a", ArtifactState::kReady, 1, 2, "", "http://x", std::string(128, 'a')};
  ASSERT_EQ(*FromProto(ToProto(good)), good);
  pb::ArtifactStatus bad = ToProto(good);
  bad.set_sha512("abc");
  EXPECT_FALSE(FromProto(bad).ok());
  bad = ToProto(good);
  bad.clear_state();
  EXPECT_FALSE(FromProto(bad).ok());
  bad = ToProto(good);
  bad.set_name("../a");
  EXPECT_FALSE(FromProto(bad).ok());
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
