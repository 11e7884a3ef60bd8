// What DHCP clients and boot loaders get, asked as the servers ask.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "bootd/router/boot_files.h"
#include "bootd/router/router.h"

namespace bootd::router {
namespace {

using firesteel::contract::BootIntent;
using firesteel::contract::EventKind;

std::string Show(const std::optional<BootFile>& file) {
  if (!file) return "-";
  if (const auto* pi = std::get_if<RaspberryPiFile>(&*file)) return "pi " + pi->machine + " " + pi->file;
  const auto* config = std::get_if<MachineConfig>(&*file);
  if (std::holds_alternative<AnyMachinePxelinuxConfig>(*file)) return "default";
  if (config == nullptr) return "grub";
  return (config->kind == ConfigKind::kGrub ? "grub " : "pxelinux ") + config->mac.ToString();
}

TEST(BootFiles, AreKnownByTheirNames) {
  const struct { const char* path; const char* want; } rows[] = {
      {"pxelinux.cfg/01-52-54-00-77-00-01", "pxelinux 52:54:00:77:00:01"},
      {"bios/pxelinux.cfg/01-52-54-00-77-00-01", "pxelinux 52:54:00:77:00:01"},
      {"pxelinux.cfg/00000000-0000-4000-8000-000000000071", "-"},
      {"pxelinux.cfg/0A4D0063", "-"},
      {"pxelinux.cfg/default", "default"},
      {"pxelinux.cfg/DEFAULT", "-"},
      {"pxelinux.cfg/01-52-54-00-77-00", "-"},
      {"pxelinux.cfg", "-"},
      {"grub/grub.cfg-01-52-54-00-77-00-01", "grub 52:54:00:77:00:01"},
      {"grub/grub.cfg-01-52:54:00:77:00:01", "grub 52:54:00:77:00:01"},
      {"EFI/debian/grub.cfg-01-52-54-00-77-00-01", "grub 52:54:00:77:00:01"},
      {"grub/grub.cfg-0A4D0063", "-"},
      {"grub/grub.cfg", "grub"},
      {"grub.cfg", "grub"},
      {"9ffefdef/start4.elf", "pi 9ffefdef start4.elf"},
      {"9ffefdef/overlays/a.dtbo", "pi 9ffefdef overlays/a.dtbo"},
      {"dc-a6-32-01-36-c2/config.txt", "pi dc-a6-32-01-36-c2 config.txt"},
      {"9ffefdef", "-"},
      {"9FFEFDEF/start4.elf", "-"},
      {"9ffefde/start4.elf", "-"},
      {"", "-"},
      {"/", "-"},
      {"undionly.kpxe", "-"},
  };
  for (const auto& row : rows) EXPECT_EQ(Show(ParseBootFile(row.path)), row.want) << row.path;
}

class Netboot : public testing::Test {
 protected:
  Netboot() {
    for (const char* file : {"snponly.efi", "raspberrypi/start4.elf", "raspberrypi/config.txt",
                             "raspberrypi/dc-a6-32-01-36-c2/config.txt", "12345678/config.txt", "pxelinux.cfg/default",
                             "pxelinux.cfg/01-52-54-00-77-00-99"}) {
      const std::string path = dir_ + "/assets/" + file;
      std::filesystem::create_directories(std::filesystem::path(path).parent_path());
      EXPECT_TRUE(firesteel::WriteFileAtomically(path, file, 0644).ok());
    }
    assets_ = std::make_unique<artifacts::AssetRoot>(dir_ + "/assets");
    deliveries_ = std::move(*core::DeliveryLog::Open(""));
    installs_ = std::move(*core::InstallLog::Open(""));
    mirror_ = std::move(*artifacts::Mirror::Open(dir_ + "/data", [](const auto&) {}));
    router_ = std::make_unique<Router>(Parts{table_, events_, *deliveries_, *installs_, chain_, metrics_, *assets_, mirror_.get(),
                                         firesteel::SystemClock(), "http://10.0.0.1", "https://10.0.0.1", "CA",
                                         dhcp::Config{"http://10.0.0.1", 0, {}}});
  }
  ~Netboot() override { std::filesystem::remove_all(dir_); }

  void Declare(BootIntent intent, const std::string& mac = "52:54:00:77:00:01") {
    firesteel::contract::BootEntry entry;
    entry.id = "default/node1";
    entry.mac = *firesteel::MacAddress::Parse(mac);
    entry.boot_id = "b1";
    entry.intent = intent;
    entry.hold_reason = "not yet";
    entry.kernel = "os/vmlinuz";
    entry.initrds = {"os/initrd.gz"};
    ASSERT_TRUE(table_.Replace({entry}).ok());
  }
  // The text, the asset's name (each holds its own), or "refused".
  std::string Tftp(const std::string& name) {
    const auto content = router_->HandleTftp({name, "10.0.0.99"});
    if (const auto* text = std::get_if<core::BytesContent>(&content)) return text->bytes;
    const auto* file = std::get_if<core::FileContent>(&content);
    return file == nullptr ? "refused" : *firesteel::ReadFile(file->path);
  }
  std::string Http(const std::string& path, http::Method method = http::Method::kGet) {
    http::Request request;
    request.method = method;
    request.path = path;
    request.client_ip = "10.0.0.99";
    const http::Reply reply = router_->HandleHttp(request);
    if (reply.status != 200) return std::to_string(reply.status);
    const auto* text = std::get_if<core::BytesContent>(&reply.content);
    return text != nullptr ? text->bytes : *firesteel::ReadFile(std::get<core::FileContent>(reply.content).path);
  }
  std::optional<dhcp::Reply> Discover(const std::string& mac, uint8_t architecture = 7) {
    dhcp::Packet packet;
    packet.mac = *firesteel::MacAddress::Parse(mac);
    packet.options = {{dhcp::kMessageType, "\x01"}, {dhcp::kVendorClass, "PXEClient"},
                      {dhcp::kClientArchitecture, std::string(1, '\0') + static_cast<char>(architecture)}};
    if (architecture == 0) {
      packet.options[dhcp::kClientMachineId] = std::string("\0RPi4abcdefgh\xef\xfd\xfe\x9f", 17);
    }
    return router_->HandleDhcp(packet, {dhcp::Port::kDhcp, {0, 68}, 0x0a000001});
  }
  std::optional<dhcp::Reply> DiscoverOverInfiniBand() {
    dhcp::Packet packet;
    packet.hardware = dhcp::Hardware::kInfiniBand;
    packet.options = {{dhcp::kMessageType, "\x01"}, {dhcp::kVendorClass, "PXEClient"}, {dhcp::kClientIdentifier, "\xff\x01"}};
    return router_->HandleDhcp(packet, {dhcp::Port::kDhcp, {0, 68}, 0x0a000001});
  }
  std::vector<EventKind> Kinds() const {
    std::vector<EventKind> kinds;
    for (const auto& event : events_.Since(0, 100)) kinds.push_back(event.kind);
    return kinds;
  }

  const std::string dir_ = testing::TempDir() + "firesteel-netboot-" + firesteel::RandomHex(4);
  core::BootTable table_;
  core::EventLog events_;
  core::LoaderChain chain_;
  core::Metrics metrics_;
  std::unique_ptr<artifacts::AssetRoot> assets_;
  std::unique_ptr<core::DeliveryLog> deliveries_;
  std::unique_ptr<core::InstallLog> installs_;
  std::unique_ptr<artifacts::Mirror> mirror_;
  std::unique_ptr<Router> router_;
};

constexpr char kPxelinux[] = "pxelinux.cfg/01-52-54-00-77-00-01";
constexpr char kGrub[] = "grub/grub.cfg-01-52-54-00-77-00-01";

TEST_F(Netboot, OffersFollowTheDecisionAndAreWrittenDown) {
  EXPECT_FALSE(Discover("52:54:00:77:00:01")) << "no controller has spoken yet";
  Declare(BootIntent::kNetboot);
  EXPECT_EQ(Discover("52:54:00:77:00:01")->packet.boot_file, "snponly.efi");
  EXPECT_EQ(events_.Since(0, 100).back().detail, "uefi-amd64 snponly.efi");
  Declare(BootIntent::kHold);
  EXPECT_TRUE(Discover("52:54:00:77:00:01"));
  Declare(BootIntent::kLocal);
  EXPECT_FALSE(Discover("52:54:00:77:00:01"));
  EXPECT_FALSE(Discover("52:54:00:77:00:02"));
  EXPECT_EQ(Kinds(), (std::vector{EventKind::kOffer, EventKind::kUnknownMac})) << "a repeated offer is one event";
  const std::string metrics = metrics_.Text();
  for (const char* line : {"bootd_dhcp_offers_total{firmware=\"uefi-amd64\"} 2", "reason=\"not-ready\"} 1",
                           "reason=\"local-boot\"} 1", "reason=\"unknown-mac\"} 1"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line << "\n" << metrics;
  }
}

TEST_F(Netboot, OneMachineGetsOnlySoManyOffersAndStrangersShareTheirs) {
  Declare(BootIntent::kNetboot);
  for (int i = 0; i < 100; ++i) Discover("52:54:00:77:00:02");
  int offers = 0;
  for (int i = 0; i < 100; ++i) offers += Discover("52:54:00:77:00:01") ? 1 : 0;
  EXPECT_GE(offers, 20);
  EXPECT_LT(offers, 50) << "two more a second";
}

TEST_F(Netboot, WhatProxyDhcpDoesNotServeIsCountedByItsReason) {
  Declare(BootIntent::kNetboot);
  EXPECT_FALSE(Discover("52:54:00:77:00:01", 6));
  EXPECT_FALSE(DiscoverOverInfiniBand());
  const std::string metrics = metrics_.Text();
  for (const char* line : {"reason=\"no-loader\"} 1", "reason=\"infiniband\"} 1"}) EXPECT_NE(metrics.find(line), std::string::npos) << metrics;
}

TEST_F(Netboot, PxelinuxGetsItsMachinesConfigurationByTheProtocolItUses) {
  Declare(BootIntent::kNetboot);
  EXPECT_NE(Tftp(kPxelinux).find("LINUX ::artifacts/os/vmlinuz\n  INITRD ::artifacts/os/initrd.gz"), std::string::npos);
  EXPECT_NE(Http("/assets/" + std::string(kPxelinux)).find("LINUX http://10.0.0.1/artifacts/os/vmlinuz"), std::string::npos);
  EXPECT_EQ(Kinds(), std::vector{EventKind::kScript}) << "the same again at once is no news";
  Declare(BootIntent::kHold);
  EXPECT_NE(Tftp(kPxelinux).find("not yet"), std::string::npos);
  Declare(BootIntent::kLocal);
  EXPECT_NE(Tftp(kPxelinux).find("LOCALBOOT -1"), std::string::npos);
}

TEST_F(Netboot, WhoOnlyAsksAboutAConfigurationBootsNothing) {
  for (const BootIntent intent : {BootIntent::kNetboot, BootIntent::kHold}) {
    Declare(intent);
    EXPECT_NE(Http("/" + std::string(kGrub), http::Method::kHead), "404");
    EXPECT_TRUE(Kinds().empty());
  }
}

TEST_F(Netboot, GrubGetsItsMachinesConfiguration) {
  Declare(BootIntent::kNetboot);
  EXPECT_NE(Tftp(kGrub).find("linux (http,10.0.0.1)/artifacts/os/vmlinuz"), std::string::npos);
  EXPECT_EQ(Http("/" + std::string(kGrub)), Tftp(kGrub));
  EXPECT_NE(Tftp("grub/grub.cfg").find("configfile (http,10.0.0.1)/grub/grub.cfg-01-$net_default_mac"), std::string::npos);
  Declare(BootIntent::kHold);
  EXPECT_NE(Tftp(kGrub).find("not yet"), std::string::npos);
}

TEST_F(Netboot, BeforeAControllerHasSpokenLoadersAreToldToWait) {
  EXPECT_NE(Tftp(kPxelinux).find("holds 52:54:00:77:00:01"), std::string::npos);
  EXPECT_NE(Tftp(kGrub).find("holds 52:54:00:77:00:01"), std::string::npos);
}

TEST_F(Netboot, NamesThatNobodyHasAreRefusedAndTheOperatorsOwnAreServed) {
  Declare(BootIntent::kNetboot);
  EXPECT_EQ(Tftp("pxelinux.cfg/01-52-54-00-77-00-02"), "refused");
  EXPECT_EQ(Tftp("pxelinux.cfg/0A4D0063"), "refused");
  EXPECT_EQ(Tftp("pxelinux.cfg/default"), "pxelinux.cfg/default");
  EXPECT_EQ(Tftp("pxelinux.cfg/01-52-54-00-77-00-99"), "pxelinux.cfg/01-52-54-00-77-00-99");
  EXPECT_EQ(Tftp("artifacts/os/vmlinuz"), "refused") << "not mirrored yet";
}

TEST_F(Netboot, AMachineThatNobodyKnowsIsLetGoByEveryLoader) {
  Declare(BootIntent::kNetboot);
  std::filesystem::remove(dir_ + "/assets/pxelinux.cfg/default");
  EXPECT_EQ(Tftp("pxelinux.cfg/01-52-54-00-77-00-02"), "refused") << "the operator may have one under a later name";
  EXPECT_NE(Tftp("pxelinux.cfg/default").find("LOCALBOOT -1"), std::string::npos);
  EXPECT_EQ(Http("/grub/grub.cfg-01-52-54-00-77-00-02"), "404");
  const std::string grub = Tftp("grub/grub.cfg");
  EXPECT_EQ(grub.substr(grub.size() - 7), "exit 1\n") << "where configfile comes back";
  const std::string ipxe = Http("/ipxe/52-54-00-77-00-02");
  EXPECT_EQ(ipxe.substr(ipxe.size() - 7), "exit 1\n");
}

// Every protocol, and names as firmware makes them of "snponly.efi".
TEST_F(Netboot, NamesAsFirmwareSendsThemLeadToTheFileOrToAnErrorAtOnce) {
  Declare(BootIntent::kNetboot);
  for (const char* name : {"snponly.efi", "/snponly.efi", "//snponly.efi", "\\snponly.efi", "SNPONLY.EFI", "snponly.efi\xff",
                           "snponly.efi\xff\xff\xff", "snponly.efi   ", "snponly.efia\x11", "snponly.efi<\tPXEClient",
                           "tftp://10.0.0.1/snponly.efi", "http://10.0.0.1/assets/snponly.efi", "assets//snponly.efi"}) {
    EXPECT_EQ(Tftp(name), "snponly.efi") << name;
  }
  for (const char* path : {"/assets/snponly.efi", "/assets//snponly.efi", "//assets/snponly.efi", "/assets/SNPONLY.EFI",
                           "/assets/snponly.efi\xff", "/http://10.0.0.1/assets/snponly.efi"}) {
    EXPECT_EQ(Http(path), "snponly.efi") << path;
  }
  for (const char* name : {"", "/", "\xff", "../snponly.efi", "raspberrypi/../../data", "snponly.efi.bak", "tftp://10.0.0.1"}) {
    EXPECT_EQ(Tftp(name), "refused") << name;
  }
}

TEST_F(Netboot, UBootsNotationOfPathsLeadsToTheFile) {
  Declare(BootIntent::kNetboot);
  EXPECT_EQ(Tftp("::snponly.efi"), "snponly.efi");
  EXPECT_EQ(Tftp("boot/::snponly.efi"), "snponly.efi") << "beside the boot file";
}

TEST_F(Netboot, ARaspberryPiGetsItsFirmwareByMacAndBySerial) {
  Declare(BootIntent::kNetboot, "dc:a6:32:01:36:c2");
  EXPECT_EQ(Tftp("dc-a6-32-01-36-c2/start4.elf"), "raspberrypi/start4.elf");
  EXPECT_EQ(Tftp("dc-a6-32-01-36-c2/config.txt"), "raspberrypi/dc-a6-32-01-36-c2/config.txt");
  EXPECT_EQ(Tftp("9ffefdef/config.txt"), "raspberrypi/config.txt") << "whose serial number that is nobody has said";
  EXPECT_EQ(Discover("dc:a6:32:01:36:c2", 0)->firmware, dhcp::Firmware::kRaspberryPi);
  EXPECT_EQ(Tftp("9ffefdef/config.txt"), "raspberrypi/dc-a6-32-01-36-c2/config.txt");
  EXPECT_EQ(Tftp("12345678/config.txt"), "12345678/config.txt") << "the operator's own layout comes first";
  EXPECT_EQ(Tftp("9ffefdef/recovery.bin"), "refused");
}

TEST_F(Netboot, ARaspberryPiThatShallNotBootGetsNoFirmware) {
  Declare(BootIntent::kNetboot, "dc:a6:32:01:36:c2");
  ASSERT_TRUE(Discover("dc:a6:32:01:36:c2", 0));
  Declare(BootIntent::kLocal, "dc:a6:32:01:36:c2");
  EXPECT_EQ(Tftp("9ffefdef/start4.elf"), "refused");
  EXPECT_EQ(Tftp("dc-a6-32-01-36-c2/start4.elf"), "refused");
  EXPECT_EQ(Tftp("dc-a6-32-01-36-99/start4.elf"), "refused");
  EXPECT_EQ(Http("/dc-a6-32-01-36-c2/start4.elf"), "404");
}

// What TFTP sends for snponly.efi, and it is sent whole.
class LoaderRequests : public Netboot {
 protected:
  std::string Load(const char* options, const std::string& ip = "10.0.0.99") {
    auto content = router_->HandleTftp({"snponly.efi", ip, options});
    if (auto* text = std::get_if<core::BytesContent>(&content)) {
      text->on_end(true);
      return text->bytes.substr(0, 6);
    }
    auto& file = std::get<core::FileContent>(content);
    file.on_end(true);
    return "loader";
  }
  static constexpr char kFirmware[] = "tsize=0,blksize=1456";
  static constexpr char kIpxe[] = "blksize=1432,tsize=0";
};

// cases/tftp-loader-chain-retry
TEST_F(LoaderRequests, FirmwareThatBootsAgainWithinTwoMinutesIsNeverGivenAScript) {
  Declare(BootIntent::kNetboot);
  EXPECT_EQ(Load(kFirmware), "loader");
  EXPECT_EQ(Load(kFirmware), "loader") << "iPXE got no DHCP answer, the firmware asks again";
  EXPECT_EQ(Load(kIpxe), "#!ipxe");
}

// cases/tftp-loader-chain-snat
TEST_F(LoaderRequests, FirmwareBehindNatIsNeverGivenAScriptAndEachIpxeIs) {
  Declare(BootIntent::kNetboot);
  EXPECT_EQ(Load(kFirmware), "loader") << "machine 1";
  EXPECT_EQ(Load(kFirmware), "loader") << "machine 2";
  EXPECT_EQ(Load(kIpxe), "#!ipxe");
  EXPECT_EQ(Load(kIpxe), "#!ipxe");
}

TEST_F(LoaderRequests, AProgramThatCannotBeToldApartAlwaysGetsTheLoader) {
  Declare(BootIntent::kNetboot);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Load(""), "loader");
}

TEST_F(LoaderRequests, AMachineThatStartsAgainAfterItsScriptGetsItsLoader) {
  Declare(BootIntent::kNetboot);
  EXPECT_EQ(Load(kIpxe), "loader");
  Http("/ipxe/52-54-00-77-00-01");
  EXPECT_EQ(Load(kIpxe), "loader") << "that boot had come past its loader";
  EXPECT_EQ(Load(kIpxe), "#!ipxe") << "iPXE asks for its loader again";
}

TEST_F(LoaderRequests, TheScriptOfOneMachineBehindNatTakesNoLoaderFromAnother) {
  Declare(BootIntent::kNetboot);
  firesteel::contract::BootEntry first = *table_.FindById("default/node1");
  firesteel::contract::BootEntry second = first;
  second.id = "default/node2";
  second.mac = *firesteel::MacAddress::Parse("52:54:00:77:00:02");
  ASSERT_TRUE(table_.Replace({first, second}).ok());
  Http("/ipxe/52-54-00-77-00-01");
  EXPECT_EQ(Load(kFirmware), "loader");
  Http("/ipxe/52-54-00-77-00-02");
  Http("/ipxe/52-54-00-77-00-01");
  EXPECT_EQ(Load(kIpxe), "#!ipxe");
}

TEST_F(Netboot, TheScriptIsBesideALoaderThatCameByHttp) {
  Declare(BootIntent::kNetboot);
  EXPECT_EQ(Http("/assets/autoexec.ipxe"), Http("/autoexec.ipxe"));
  EXPECT_EQ(Http("/assets/snponly.efi"), "snponly.efi");
}

}  // namespace
}  // namespace bootd::router
