#include "controller/api/packed_host.h"

#include <gtest/gtest.h>

#include <limits>

namespace firesteel::api {
namespace {

const WallTime kTime = WallTime(std::chrono::seconds(1795321528)) + std::chrono::nanoseconds(123456789);

BareMetalHostSpec EveryFieldOfASpec() {
  return {.cluster = "demo",
          .role = Role::kControlPlane,
          .boot_mac_address = *MacAddress::Parse("52:54:00:ff:00:01"),
          .architecture = Architecture::kArm64,
          .hostname = "first",
          .interfaces = {{.name = "eth0",
                          .mac_address = "52:54:00:77:00:02",
                          .addresses = {"10.0.0.1/24", "fd00::1/64"},
                          .gateway = "10.0.0.254",
                          .nameservers = {"10.0.0.2"},
                          .mtu = 9000,
                          .vlan = Vlan{4094, "bond0"},
                          .bond = Bond{"802.3ad", {"eth1", "eth2"}}},
                         {.name = "eth1", .mac_address = "", .addresses = {}, .gateway = "", .nameservers = {}}},
          .node_addresses = {"10.0.0.1", "fd00::1"},
          .labels = {{"topology.kubernetes.io/zone", "zone1"}, {"k8s", ""}},
          .taints = {{"dedicated", "storage", "NoSchedule"}},
          .butane_from = {{true, "secret", "key"}, {false, "map", "node.bu"}},
          .butane = std::string(300, 'b') + '\0' + "\xff",
          .static_initrd = true,
          .installation = Installation::kDisk,
          .root_device_hints = {"/dev/sda", "0:0:0:0", "model", "vendor", "serial", "wwn", 100, false},
          .disk_conflicts = DiskConflicts::kWipe,
          .reinstall = "again",
          .deletion_policy = DeletionPolicy::kRetain,
          .paused = true};
}

BareMetalHost EveryField() {
  BareMetalHost host;
  host.metadata = {"node1",      "default",     "uid", "12345", 7, kTime, kTime + std::chrono::seconds(1), {kFinalizer},
                   {{"r", "1"}}, {{"a", "b\n"}}};
  host.spec = EveryFieldOfASpec();
  host.status = {.observed_generation = 1'000'000,
                 .conditions = {{"Ready", ConditionStatus::kTrue, "Provisioned", "Node node1 is Ready", 7, kTime},
                                {"Stalled", ConditionStatus::kFalse, "NotStalled", "", 7, WallTime{}}},
                 .state = HostState::kError,
                 .boot_id = "0123456789abcdef",
                 .boot_attempts = 3,
                 .booted_at = kTime,
                 .seen_at = WallTime{} - std::chrono::milliseconds(1),
                 .ignition_boot_id = "a",
                 .installed_boot_id = "b",
                 .reinstall = "c",
                 .step = "d",
                 .step_state = "e",
                 .step_message = "f",
                 .node_name = "g",
                 .ip = "h",
                 .lost_data = true,
                 .held = Held::kReinstallation,
                 .removal = RemovalStatus{kTime, true}};
  return host;
}

TEST(PackedHost, IsTheSameHostWhenUnpacked) {
  Words words;
  BareMetalHost odd = EveryField();
  odd.spec.interfaces[0].mtu = -1;
  odd.metadata.generation = std::numeric_limits<int64_t>::min();
  for (const BareMetalHost& host : {BareMetalHost(), EveryField(), odd}) {
    EXPECT_EQ(UnpackHost(PackHost(host, words), words), host);
  }
}

TEST(PackedHost, LeavesNothingOfTheHostThatItIsUnpackedOver) {
  Words words;
  BareMetalHost changed = EveryField();
  changed.spec.interfaces[0].vlan.reset();
  changed.spec.interfaces[0].addresses = {"10.0.0.9/24"};
  changed.status.conditions.resize(1);
  changed.metadata.labels = {{"other", "2"}};
  BareMetalHost host;
  for (const BareMetalHost& next : {EveryField(), changed, EveryField(), BareMetalHost(), EveryField()}) {
    UnpackHost(PackHost(next, words), words, host);
    EXPECT_EQ(host, next);
  }
}

TEST(PackedHost, BeginsWithItsNameAndNamespace) {
  Words words;
  const std::string packed = PackHost(EveryField(), words);
  EXPECT_EQ(NameAndNamespace(packed), (std::pair<std::string_view, std::string_view>("node1", "default")));
}

TEST(PackedHost, TakesLittleOfWhatOthersSayToo) {
  Words words;
  const std::string all = "power the machine on, or restart it, so that it boots from the network";
  BareMetalHost host;
  host.status.conditions = {{.type = "Ready", .reason = "WaitingForBoot", .message = all, .last_transition_time = kTime}};
  const size_t size = PackHost(host, words).size();
  host.status.conditions[0].message += " 7";
  EXPECT_GT(PackHost(host, words).size(), size + all.size());
}

TEST(PackedHost, KnowsOnlySoManyWordsAndGoesOnWithout) {
  Words words;
  BareMetalHost host;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) host.metadata.labels[std::string({a, b})] = "";
  }
  EXPECT_EQ(UnpackHost(PackHost(host, words), words), host);
  EXPECT_EQ(UnpackHost(PackHost(host, words), words), host);
  EXPECT_EQ(words.Number("another"), 0);
  EXPECT_NE(words.Number("aa"), 0);
}

}  // namespace
}  // namespace firesteel::api
