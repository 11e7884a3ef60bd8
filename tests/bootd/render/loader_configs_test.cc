// What each loader is told, as files to review: tests/golden/bootd/. To accept a change:
//   FIRESTEEL_UPDATE_GOLDEN=1 ctest -R bootd_render_test
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "bootd/render/grub.h"
#include "bootd/render/ipxe.h"
#include "bootd/render/pxelinux.h"

namespace bootd::render {
namespace {

using firesteel::contract::BootEntry;

constexpr char kBase[] = "http://10.0.0.1";
const PxelinuxSource kByTftp{"::artifacts/", "::pxelinux.cfg/01-52-54-00-77-00-01"};

BootEntry Entry() {
  BootEntry entry;
  entry.id = "default/node1";
  entry.mac = *firesteel::MacAddress::Parse("52:54:00:77:00:01");
  entry.kernel = "flatcar/1/amd64-usr/vmlinuz";
  entry.initrds = {"flatcar/1/amd64-usr/initrd.gz", "extra/firmware.cpio"};
  entry.kernel_arguments = {"console=ttyS0,115200n8", "quiet"};
  return entry;
}

void ExpectGolden(const std::string& name, const std::string& content) {
  const std::string path = FIRESTEEL_SOURCE_DIR "/tests/golden/bootd/" + name;
  if (std::getenv("FIRESTEEL_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    ASSERT_TRUE(firesteel::WriteFileAtomically(path, content, 0644).ok()) << path;
  }
  const firesteel::Result<std::string> want = firesteel::ReadFile(path);
  ASSERT_TRUE(want.ok()) << want.error().message;
  EXPECT_EQ(content, *want) << path;
}

TEST(LoaderConfigs, AreAsReviewed) {
  const BootEntry entry = Entry();
  ExpectGolden("chain.ipxe", ChainScript(kBase));
  ExpectGolden("boot.ipxe", BootScript(entry, kBase));
  ExpectGolden("hold.ipxe", HoldScript(entry, "not yet", kBase));
  ExpectGolden("local.ipxe", LocalBootScript(entry));
  ExpectGolden("unknown.ipxe", UnknownScript(entry.mac));
  ExpectGolden("pxelinux-unknown.cfg", PxelinuxUnknownConfig());
  ExpectGolden("pxelinux-boot.cfg", PxelinuxBootConfig(entry, kByTftp, kBase));
  ExpectGolden("pxelinux-hold.cfg", PxelinuxHoldConfig(entry, "not yet", kByTftp));
  ExpectGolden("pxelinux-local.cfg", PxelinuxLocalBootConfig(entry));
  ExpectGolden("grub-chain.cfg", GrubChainConfig(kBase));
  ExpectGolden("grub-boot.cfg", GrubBootConfig(entry, kBase));
  ExpectGolden("grub-hold.cfg", GrubHoldConfig(entry, "not yet"));
  ExpectGolden("grub-local.cfg", GrubLocalBootConfig(entry));
}

TEST(LoaderConfigs, WorkWithoutAnInitrd) {
  BootEntry entry = Entry();
  entry.initrds.clear();
  EXPECT_EQ(PxelinuxBootConfig(entry, kByTftp, kBase).find("INITRD"), std::string::npos);
  EXPECT_NE(GrubBootConfig(entry, kBase).find("if true; then"), std::string::npos);
}

TEST(LoaderConfigs, NoValueCanEndItsLineOrBecomeACommand) {
  BootEntry entry = Entry();
  entry.id = "a\nreboot\n\x01\xff";
  entry.kernel_arguments = {"b\nexit", "c'; reboot '${d}", "e;f|g&h"};
  const std::string reason = "why\nhalt";
  const struct { const char* name; std::string clean; std::string hostile; } rows[] = {
      {"iPXE boot", BootScript(Entry(), kBase), BootScript(entry, kBase)},
      {"iPXE hold", HoldScript(Entry(), "", kBase), HoldScript(entry, reason, kBase)},
      {"iPXE local", LocalBootScript(Entry()), LocalBootScript(entry)},
      {"pxelinux boot", PxelinuxBootConfig(Entry(), kByTftp, kBase), PxelinuxBootConfig(entry, kByTftp, kBase)},
      {"pxelinux hold", PxelinuxHoldConfig(Entry(), "", kByTftp), PxelinuxHoldConfig(entry, reason, kByTftp)},
      {"pxelinux local", PxelinuxLocalBootConfig(Entry()), PxelinuxLocalBootConfig(entry)},
      {"GRUB boot", GrubBootConfig(Entry(), kBase), GrubBootConfig(entry, kBase)},
      {"GRUB hold", GrubHoldConfig(Entry(), ""), GrubHoldConfig(entry, reason)},
      {"GRUB local", GrubLocalBootConfig(Entry()), GrubLocalBootConfig(entry)},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(std::count(row.clean.begin(), row.clean.end(), '\n'), std::count(row.hostile.begin(), row.hostile.end(), '\n'))
        << row.name << ": " << row.hostile;
  }
  const std::string grub = GrubBootConfig(entry, kBase);
  EXPECT_NE(grub.find("'c_; reboot _${d}'"), std::string::npos) << grub;
  EXPECT_EQ(BootScript(entry, kBase).find("${d}"), std::string::npos);
}

// cases/kernel-arguments-ipxe
TEST(LoaderConfigs, CarryKernelArgumentsAsTheyAreWritten) {
  for (const std::string argument : {"memmap=64M$0x10000000", "a=b;c|d&e", "x=#1", "p=%25*?<>(){}[]~!@^`", "ip=10.0.0.1::10.0.0.254",
                                     "module.dyndbg=\"file,x.c,+p;func,y,+p\"", "$", "=", "--"}) {
    BootEntry entry = Entry();
    entry.kernel_arguments = {argument, "last"};
    std::string in_grub = argument;
    std::erase(in_grub, '"');  // the kernel drops them itself; GRUB would put a backslash before each
    EXPECT_NE(BootScript(entry, kBase).find(" " + argument + " last || goto failed\n"), std::string::npos) << BootScript(entry, kBase);
    EXPECT_NE(PxelinuxBootConfig(entry, kByTftp, kBase).find(" " + argument + " last\n"), std::string::npos) << argument;
    EXPECT_NE(GrubBootConfig(entry, kBase).find(" '" + in_grub + "' 'last'; then"), std::string::npos) << argument;
  }
}

TEST(LoaderConfigs, NoKernelArgumentBecomesACommandOfIpxe) {
  for (const std::string argument : {"||", "&&", ";", "#", "#x", "${reboot}", "a || reboot", "a\nreboot", "${", "a ; reboot"}) {
    BootEntry entry = Entry();
    entry.kernel_arguments = {argument};
    const std::string script = BootScript(entry, kBase);
    for (const char* bad : {" || reboot", " ; reboot", "\nreboot", "${", " #", " && ", " ; ", "|| ||"}) {
      EXPECT_EQ(script.find(bad), std::string::npos) << argument << ": " << script;
    }
  }
}

TEST(Grub, NamesItsHttpServerInItsOwnWay) {
  const struct { const char* base_url; const char* want; } rows[] = {
      {"http://10.0.0.1", "configfile (http,10.0.0.1)/grub/"},
      {"http://10.0.0.1:8080", "configfile (http,10.0.0.1,8080)/grub/"},
      {"http://[fd00::1]", "configfile (http,[fd00::1])/grub/"},
      {"http://[fd00::1]:8080", "configfile (http,[fd00::1],8080)/grub/"},
  };
  for (const auto& row : rows) EXPECT_EQ(GrubChainConfig(row.base_url).rfind(row.want, 0), 0u) << row.base_url;
}

}  // namespace
}  // namespace bootd::render
