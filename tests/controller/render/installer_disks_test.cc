// The installer's scripts about disks, with a fake lsblk: which disk the hints name, what is in the way of a Flatcar
// there, and what is done about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "controller/render/ignition.h"
#include "controller/render/installer.h"
#include "node_root.h"
#include "recipes.h"

namespace firesteel::render {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kDisks[] =
    R"x(NAME="/dev/sda" TYPE="disk" SIZE="500107862016" RO="0" ROTA="1" MODEL="HGST\x20HUS72" VENDOR="ATA     " SERIAL="H1" WWN="0x5000cca0" HCTL="0:0:0:0")x" "\n"
    R"x(NAME="/dev/sdb" TYPE="disk" SIZE="256060514304" RO="0" ROTA="0" MODEL="Samsung SSD 860" VENDOR="ATA     " SERIAL="S1" WWN="0x5002538e" HCTL="1:0:0:0")x" "\n"
    R"x(NAME="/dev/nvme0n1" TYPE="disk" SIZE="512110190592" RO="0" ROTA="0" MODEL="Samsung SSD 970" VENDOR="" SERIAL="S2 $(reboot)" WWN="eui.0025385b" HCTL="")x" "\n"
    R"x(NAME="/dev/nvme1n1" TYPE="disk" SIZE="512110190592" RO="1" ROTA="0" MODEL="Samsung SSD 970" VENDOR="" SERIAL="S3" WWN="eui.0025385c" HCTL="")x" "\n"
    R"x(NAME="/dev/sr0" TYPE="rom" SIZE="1073741312" RO="0" ROTA="1" MODEL="DVD" VENDOR="" SERIAL="D1" WWN="" HCTL="2:0:0:0")x" "\n"
    R"x(NAME="/dev/zram0" TYPE="disk" SIZE="1073741312" RO="0" ROTA="0" MODEL="" VENDOR="" SERIAL="" WWN="" HCTL="")x" "\n"
    R"x(NAME="/dev/sdc" TYPE="disk" SIZE="0" RO="0" ROTA="1" MODEL="Card Reader" VENDOR="USB" SERIAL="C1" WWN="" HCTL="3:0:0:0")x" "\n";

struct Row {
  const char* name;
  api::RootDeviceHints hints;
  const char* disk;  // "" = refused
};

std::vector<Row> Rows() {
  const auto hints = [](const std::function<void(api::RootDeviceHints&)>& set) {
    api::RootDeviceHints h;
    set(h);
    return h;
  };
  return {
      {"BySerialNumber", hints([](auto& h) { h.serial_number = "S1"; }), "/dev/sdb"},
      {"BySerialNumberWithOddCharacters", hints([](auto& h) { h.serial_number = "S2 $(reboot)"; }), "/dev/nvme0n1"},
      {"ByWwn", hints([](auto& h) { h.wwn = "0x5000cca0"; }), "/dev/sda"},
      {"ByName", hints([](auto& h) { h.device_name = "/dev/sda"; }), "/dev/sda"},
      {"ByLink", hints([](auto& h) { h.device_name = "/by-id"; }), "/dev/sdb"},
      {"ByAddress", hints([](auto& h) { h.hctl = "1:0:0:0"; }), "/dev/sdb"},
      {"ByPartOfItsModel", hints([](auto& h) { h.model = "HGST HUS"; }), "/dev/sda"},
      {"ByVendorAndKind", hints([](auto& h) { h.vendor = "ATA"; h.rotational = false; }), "/dev/sdb"},
      {"BySizeAndKind", hints([](auto& h) { h.min_size_gigabytes = 400; h.rotational = false; }), "/dev/nvme0n1"},
      {"TheOnlyOneBigEnoughThatTurns", hints([](auto& h) { h.min_size_gigabytes = 465; h.rotational = true; }), "/dev/sda"},
      {"SizeIsInGiB", hints([](auto& h) { h.min_size_gigabytes = 466; h.rotational = true; }), ""},
      {"AllHintsMustHold", hints([](auto& h) { h.serial_number = "S1"; h.wwn = "0x5000cca0"; }), ""},
      {"PartOfASerialNumberIsNotEnough", hints([](auto& h) { h.serial_number = "S"; }), ""},
      {"SeveralAreRefused", hints([](auto& h) { h.model = "Samsung"; }), ""},
      {"APatternIsNoPattern", hints([](auto& h) { h.model = "*970*"; }), ""},
      {"ReadOnlyIsNone", hints([](auto& h) { h.serial_number = "S3"; }), ""},
      {"ADriveForDiscsIsNone", hints([](auto& h) { h.serial_number = "D1"; }), ""},
      {"AnEmptyCardReaderIsNone", hints([](auto& h) { h.serial_number = "C1"; }), ""},
      {"MemoryIsNone", hints([](auto& h) { h.device_name = "/dev/zram0"; }), ""},
      {"ALinkThatLeadsNowhereIsNone", hints([](auto& h) { h.device_name = "/dev/disk/by-id/none"; }), ""},
  };
}

class FindDisk : public testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    if (!NodeRoot::Supported()) GTEST_SKIP() << "no mount namespace for us on this machine";
  }
};

TEST_P(FindDisk, NamesTheOneThatFitsOrTellsWhatItSaw) {
  plan::InstallRecipe recipe = InstallerRecipe();
  recipe.hints = GetParam().hints;
  NodeRoot node(InstallerConfig(recipe, IgnitionConfig(recipe.node)));
  node.Write("/fake/lsblk", kDisks);
  ASSERT_EQ(node.Run("ln -s /dev/sdb /by-id"), 0) << node.printed();
  const std::string disk = GetParam().disk;
  EXPECT_EQ(node.Run("/opt/firesteel/find-disk"), disk.empty() ? 1 : 0) << node.printed();
  if (!disk.empty()) {
    EXPECT_EQ(node.printed(), disk + "\n");
    return;
  }
  for (const char* seen : {"/dev/sda: 465 GiB, model 'HGST HUS72', vendor 'ATA'", "serial 'S1'", "/dev/nvme0n1: "}) {
    EXPECT_THAT(node.printed(), HasSubstr(seen));
  }
}

INSTANTIATE_TEST_SUITE_P(All, FindDisk, testing::ValuesIn(Rows()), [](const auto& test) { return std::string(test.param.name); });


// A row of lsblk for a disk.
std::string Disk(const std::string& name, const std::string& serial, const std::string& wwn, const std::string& read_only = "0") {
  return "NAME=\"" + name + "\" TYPE=\"disk\" SIZE=\"480103981056\" RO=\"" + read_only +
         "\" ROTA=\"0\" MODEL=\"SSD\" VENDOR=\"ATA\" SERIAL=\"" + serial + "\" WWN=\"" + wwn + "\" HCTL=\"\"\n";
}

// A row for what is on a disk, or for the disk itself.
std::string On(const std::string& name, const std::string& type, const std::string& file_system = "",
               const std::string& label = "", const std::string& part_label = "", const std::string& mounted = "") {
  return "NAME=\"" + name + "\" KNAME=\"" + (type == "mpath" ? "/dev/dm-0" : name) + "\" TYPE=\"" + type + "\" FSTYPE=\"" +
         file_system + "\" LABEL=\"" + label + "\" PARTLABEL=\"" + part_label + "\" MOUNTPOINT=\"" + mounted + "\"\n";
}

class Disks : public testing::Test {
 protected:
  void SetUp() override {
    if (!NodeRoot::Supported()) GTEST_SKIP() << "no mount namespace for us on this machine";
  }
  static std::string Config(const std::function<void(plan::InstallRecipe&)>& set) {
    plan::InstallRecipe recipe = InstallerRecipe();
    set(recipe);
    return InstallerConfig(recipe, IgnitionConfig(recipe.node));
  }
  static std::string BySerial() {
    return Config([](plan::InstallRecipe& recipe) { recipe.hints = {}; recipe.hints.serial_number = "NEW1"; });
  }
};

constexpr char kFind[] = "/opt/firesteel/find-disk";
constexpr char kConflicts[] = "/opt/firesteel/disk-conflicts /dev/sdb";

TEST_F(Disks, TwoPathsToOneDiskAreOneDisk) {
  NodeRoot node(BySerial());
  node.Write("/fake/lsblk", Disk("/dev/sda", "OLD1", "0x1") + Disk("/dev/sdb", "NEW1", "0x2") + Disk("/dev/sdc", "NEW1", "0x2"));
  EXPECT_EQ(node.Run(kFind), 0) << node.printed();
  EXPECT_EQ(node.printed(), "/dev/sdb\n");
}

TEST_F(Disks, TheMultipathDeviceIsPreferredToItsPaths) {
  for (const std::string& wanted : {std::string(), std::string("/dev/mapper/mpatha"), std::string("/dev/dm-0"), std::string("/dev/sdc")}) {
    NodeRoot node(Config([&](plan::InstallRecipe& recipe) {
      recipe.hints = {};
      recipe.hints.device_name = wanted;
      recipe.hints.serial_number = "NEW1";
    }));
    node.Write("/fake/lsblk", Disk("/dev/sda", "OLD1", "0x1") + Disk("/dev/sdb", "NEW1", "0x2") + Disk("/dev/sdc", "NEW1", "0x2"));
    for (const std::string path : {"sdb", "sdc"}) {
      node.Write("/fake/tree_dev_" + path, On("/dev/" + path, "disk", "mpath_member") + On("/dev/mapper/mpatha", "mpath"));
    }
    node.Write("/fake/tree_dev_mapper_mpatha", On("/dev/mapper/mpatha", "mpath") + On("/dev/mapper/mpatha-part9", "part", "ext4", "ROOT"));
    EXPECT_EQ(node.Run(kFind), 0) << wanted << ": " << node.printed();
    EXPECT_EQ(node.printed(), "/dev/mapper/mpatha\n") << wanted;
    EXPECT_EQ(node.Run("/opt/firesteel/disk-conflicts /dev/mapper/mpatha"), 0) << node.printed();
    EXPECT_EQ(node.printed(), "") << "an older Flatcar on the chosen disk itself is overwritten";
  }
}

// Some controllers give theirs to every volume, some disks have none.
TEST_F(Disks, TheSameWwnAloneDoesNotMakeTwoDisksOne) {
  const struct { const char* serial; const char* wwn; const char* size; } rows[] = {
      {"NEW2", "0x2", "480103981056"}, {"NEW1", "0x3", "480103981056"}, {"NEW1", "0x2", "480103981057"}, {"NEW1", "", "480103981056"}};
  for (const auto& row : rows) {
    NodeRoot node(Config([](plan::InstallRecipe& recipe) { recipe.hints = {}; recipe.hints.model = "SSD"; }));
    std::string other = Disk("/dev/sdc", row.serial, row.wwn);
    other.replace(other.find("480103981056"), 12, row.size);
    node.Write("/fake/lsblk", Disk("/dev/sdb", "NEW1", row.wwn[0] == '\0' ? "" : "0x2") + other);
    EXPECT_EQ(node.Run(kFind), 1) << row.serial << row.wwn << row.size;
    EXPECT_THAT(node.printed(), HasSubstr("they fit 2 of these"));
  }
}

TEST_F(Disks, WhatLsblkSaysOddlyIsNoDiskAndNoError) {
  NodeRoot node(BySerial());
  node.Write("/fake/lsblk", "lsblk: warning\n\nNAME=\"/dev/sdx\" TYPE=\"disk\" SIZE=\"\"\nNAME=\"/dev/sdy\" TYPE=\"disk\" SIZE=\"12G\" RO=\"0\"\n"
                            "NAME=\"/dev/sdz TYPE=\"disk\n" + Disk("/dev/sdb", "  NEW1 ", "0x2"));
  EXPECT_EQ(node.Run(kFind), 0) << node.printed();
  EXPECT_EQ(node.printed(), "/dev/sdb\n");
}

TEST_F(Disks, ADiskAboutWhichLsblkFailsIsNotTakenForAnEmptyOne) {
  for (const std::string& answer : {std::string("fails"), std::string("\n"), std::string("lsblk: /dev/sdb: not a block device\n")}) {
    NodeRoot node(BySerial());
    node.Write("/fake/lsblk", Disk("/dev/sdb", "NEW1", "0x2"));
    if (answer == "fails") {
      node.Write("/fake/lsblk-status", "32\n32\n");
    } else {
      node.Write("/fake/tree_dev_sdb", answer);
    }
    EXPECT_NE(node.Run(kConflicts), 0) << answer;
    EXPECT_NE(node.Run(kFind), 0) << answer;
  }
}

struct Conflict {
  const char* name;
  std::string on_sda;  // rows below the disk; /dev/sdb is the chosen one
  std::string on_sdb;
  std::string told;
  const char* sda_read_only = "0";
};

std::vector<Conflict> Conflicts() {
  const std::string root = On("/dev/sda9", "part", "ext4", "ROOT", "ROOT");
  return {
      {"Nothing", "", "", ""},
      {"DataOnAnotherDisk", On("/dev/sda1", "part", "ext4", "data", "data"), "", ""},
      {"DataOnTheChosenDisk", "", On("/dev/sdb1", "part", "xfs", "data"), ""},
      {"AnotherFlatcarOnTheChosenDisk", "", On("/dev/sdb9", "part", "ext4", "ROOT"), ""},
      {"RootOfAnotherFlatcar", root, "", "wipe\t/dev/sda\t/dev/sda9 has the label 'ROOT' of another Flatcar\n"},
      {"OemByItsFileSystem", On("/dev/sda6", "part", "btrfs", "OEM", ""), "", "wipe\t/dev/sda\t/dev/sda6 has the label 'OEM' of another Flatcar\n"},
      {"OemByItsPartition", On("/dev/sda6", "part", "", "", "OEM"), "", "wipe\t/dev/sda\t/dev/sda6 has the label 'OEM' of another Flatcar\n"},
      {"UsrOfAnotherFlatcar", On("/dev/sda3", "part", "", "", "USR-A"), "", "wipe\t/dev/sda\t/dev/sda3 has the label 'USR-A' of another Flatcar\n"},
      {"LabelsInOtherLetters", On("/dev/sda1", "part", "ext4", "root", "Root"), "", ""},
      {"RootOnAnArrayOfAnotherDisk", On("/dev/sda1", "part", "linux_raid_member") + On("/dev/md127", "raid1", "ext4", "ROOT"), "",
       "wipe\t/dev/sda\t/dev/md127 has the label 'ROOT' of another Flatcar\n"},
      {"OnAReadOnlyDisk", root, "", "stuck\t/dev/sda\t/dev/sda9 has the label 'ROOT' of another Flatcar, on a read-only disk\n", "1"},
      {"InUse", root + On("/dev/sda1", "part", "ext4", "", "", "/srv"), "",
       "wipe\t/dev/sda\t/dev/sda9 has the label 'ROOT' of another Flatcar\nstuck\t/dev/sda\t/dev/sda1 is in use at /srv\n"},
      {"TheChosenDiskIsInUse", "", On("/dev/sdb2", "part", "swap", "", "", "[SWAP]"), "stuck\t/dev/sdb\t/dev/sdb2 is in use at [SWAP]\n"},
      {"AnArrayOnTheChosenDisk", "", On("/dev/sdb1", "part", "linux_raid_member") + On("/dev/md127", "raid1", "ext4"),
       "wipe\t/dev/sdb\t/dev/sdb1 belongs to a set of disks (linux_raid_member)\nwipe\t/dev/sdb\t/dev/md127 (raid1) is made of it\n"},
      {"AnArrayThatDoesNotRun", "", On("/dev/sdb1", "part", "isw_raid_member"), "wipe\t/dev/sdb\t/dev/sdb1 belongs to a set of disks (isw_raid_member)\n"},
      {"AVolumeGroup", "", On("/dev/sdb1", "part", "LVM2_member") + On("/dev/mapper/vg-data", "lvm", "ext4"),
       "wipe\t/dev/sdb\t/dev/sdb1 belongs to a set of disks (LVM2_member)\nwipe\t/dev/sdb\t/dev/mapper/vg-data (lvm) is made of it\n"},
      {"Ceph", "", On("/dev/sdb1", "part", "ceph_bluestore"), "wipe\t/dev/sdb\t/dev/sdb1 belongs to a set of disks (ceph_bluestore)\n"},
      {"OddCharactersInALabel", On("/dev/sda1", "part", "ext4", "RO\\x0aOT $(reboot)"), "", ""},
  };
}

class DiskConflicts : public Disks, public testing::WithParamInterface<Conflict> {};

TEST_P(DiskConflicts, AreToldWithDiskAndPartition) {
  NodeRoot node(BySerial());
  node.Write("/fake/lsblk", Disk("/dev/sda", "OLD1", "0x1", GetParam().sda_read_only) + Disk("/dev/sdb", "NEW1", "0x2"));
  node.Write("/fake/tree_dev_sda", On("/dev/sda", "disk") + GetParam().on_sda);
  node.Write("/fake/tree_dev_sdb", On("/dev/sdb", "disk") + GetParam().on_sdb);
  EXPECT_EQ(node.Run(kConflicts), 0) << node.printed();
  EXPECT_EQ(node.printed(), GetParam().told);
}

INSTANTIATE_TEST_SUITE_P(All, DiskConflicts, testing::ValuesIn(Conflicts()), [](const auto& test) { return std::string(test.param.name); });

class InstallOverConflicts : public Disks {
 protected:
  void Begin(api::DiskConflicts policy, const std::string& on_sda, const std::string& on_sdb) {
    node_ = std::make_unique<NodeRoot>(Config([&](plan::InstallRecipe& recipe) {
      recipe.hints = {};
      recipe.hints.serial_number = "NEW1";
      recipe.conflicts = policy;
    }));
    node_->Write("/fake/download", "the image");
    node_->Write("/fake/lsblk", Disk("/dev/sda", "OLD1", "0x1") + Disk("/dev/sdb", "NEW1", "0x2"));
    node_->Write("/fake/tree_dev_sda", On("/dev/sda", "disk") + on_sda);
    node_->Write("/fake/tree_dev_sdb", On("/dev/sdb", "disk") + on_sdb);
  }
  int Install() { return node_->Run("timeout 60 /opt/firesteel/run-step install /opt/firesteel/install"); }
  // What changes a disk.
  std::vector<std::string> Changes() {
    std::vector<std::string> calls;
    for (const std::string& call : node_->TakeCalls()) {
      for (const char* program : {"mdadm", "dmsetup", "wipefs", "flatcar-install"}) {
        if (call.rfind(program, 0) == 0) calls.push_back(call.substr(0, call.find(" -f ")));
      }
    }
    return calls;
  }

  const std::string old_flatcar_ = On("/dev/sda6", "part", "ext4", "OEM", "OEM") + On("/dev/sda9", "part", "ext4", "ROOT", "ROOT");
  std::unique_ptr<NodeRoot> node_;
};

TEST_F(InstallOverConflicts, NothingIsWrittenAndTheMessageSaysWhatToDo) {
  Begin(api::DiskConflicts::kRefuse, old_flatcar_, "");
  EXPECT_EQ(Install(), 1);
  EXPECT_THAT(Changes(), ElementsAre());
  EXPECT_FALSE(node_->Exists("/var/lib/firesteel/flatcar_production_image.bin.bz2")) << "nothing needs to be fetched";
  EXPECT_THAT(node_->printed(), AllOf(HasSubstr("nothing was written to /dev/sdb"), HasSubstr("/dev/sda: /dev/sda9 has the label 'ROOT'"),
                                      HasSubstr("diskConflicts: Wipe")));
  const std::vector<std::string> reports = node_->List("/run/firesteel/reports");
  EXPECT_THAT(node_->Read(reports.back()), AllOf(HasSubstr("failed"), HasSubstr("/dev/sda9 has the label")));
}

TEST_F(InstallOverConflicts, WhereItIsAllowedTheOtherFlatcarIsWipedBeforeTheImageIsWritten) {
  Begin(api::DiskConflicts::kWipe, old_flatcar_, "");
  EXPECT_EQ(Install(), 0) << node_->printed();
  EXPECT_THAT(Changes(), ElementsAre("wipefs --all --quiet /dev/sda9", "wipefs --all --quiet /dev/sda6", "wipefs --all --quiet /dev/sda",
                                     "flatcar-install -d /dev/sdb"));
  EXPECT_THAT(node_->printed(), HasSubstr("wiping /dev/sda (diskConflicts: Wipe)"));
}

TEST_F(InstallOverConflicts, ArraysAndVolumesAreStoppedFromTheTopBeforeTheirDiskIsWiped) {
  Begin(api::DiskConflicts::kWipe, "",
        On("/dev/sdb1", "part", "linux_raid_member") + On("/dev/md127", "raid1", "LVM2_member") + On("/dev/mapper/vg-data", "lvm", "ext4") +
            On("/dev/sdb2", "part", "linux_raid_member"));
  EXPECT_EQ(Install(), 0) << node_->printed();
  EXPECT_THAT(Changes(), ElementsAre("dmsetup remove --retry /dev/mapper/vg-data", "mdadm --stop /dev/md127", "wipefs --all --quiet /dev/sdb2",
                                     "wipefs --all --quiet /dev/sdb1", "wipefs --all --quiet /dev/sdb", "flatcar-install -d /dev/sdb"));
}

TEST_F(InstallOverConflicts, WithoutAConflictNothingIsWipedEvenWhereItIsAllowed) {
  Begin(api::DiskConflicts::kWipe, On("/dev/sda1", "part", "ext4", "data"), On("/dev/sdb1", "part", "xfs", "data"));
  EXPECT_EQ(Install(), 0) << node_->printed();
  EXPECT_THAT(Changes(), ElementsAre("flatcar-install -d /dev/sdb"));
}

TEST_F(InstallOverConflicts, WhatCannotBeReleasedEndsTheInstallationBeforeTheImageIsWritten) {
  const struct { std::string on_sdb; const char* queue; } rows[] = {
      {On("/dev/sdb1", "part", "linux_raid_member") + On("/dev/md127", "raid1"), "mdadm-status"},
      {On("/dev/mapper/vg-data", "lvm"), "dmsetup-status"},
      {On("/dev/sdb1", "part", "LVM2_member"), "wipefs-status"},
      {On("/dev/odd0", "novel"), "none"}};
  for (const auto& row : rows) {
    Begin(api::DiskConflicts::kWipe, "", row.on_sdb);
    node_->Write(std::string("/fake/") + row.queue, "1\n");
    EXPECT_EQ(Install(), 1) << row.on_sdb;
    EXPECT_THAT(Changes(), testing::Each(Not(HasSubstr("flatcar-install")))) << row.on_sdb;
  }
}

TEST_F(InstallOverConflicts, DisksThatAreInUseAreNotWipedEvenWhereItIsAllowed) {
  Begin(api::DiskConflicts::kWipe, old_flatcar_ + On("/dev/sda1", "part", "ext4", "", "", "/srv"), "");
  EXPECT_EQ(Install(), 1);
  EXPECT_THAT(Changes(), ElementsAre());
  EXPECT_THAT(node_->printed(), AllOf(HasSubstr("/dev/sda1 is in use at /srv"), HasSubstr("never wiped"), Not(HasSubstr("diskConflicts: Wipe in"))));
}

class KernelArguments : public Disks {
 protected:
  static constexpr char kInstall[] = "timeout 60 /opt/firesteel/install";
  void Begin(const std::string& oem) {
    node_ = std::make_unique<NodeRoot>(Config([](plan::InstallRecipe& recipe) {
      recipe.hints = {};
      recipe.hints.serial_number = "NEW1";
      recipe.kernel_arguments = {"console=ttyS0,115200n8", "memmap=64M$0x10000000", "dyndbg=\"file,x.c,+p\""};
      recipe.first_start_arguments = {"ip=10.0.0.11::10.0.0.1:255.255.255.0:node1:eth0:none"};
    }));
    node_->Write("/fake/download", "the image");
    node_->Write("/fake/lsblk", Disk("/dev/sdb", "NEW1", "0x2"));
    node_->Write("/fake/tree_dev_sdb", On("/dev/sdb", "disk") + oem);
  }
  std::unique_ptr<NodeRoot> node_;
};

TEST_F(KernelArguments, AreWrittenWhereFlatcarsGrubReadsThem) {
  Begin(On("/dev/sdb6", "part", "btrfs", "OEM", "OEM"));
  node_->Write("/run/firesteel/oem/grub.cfg", "# Flatcar's own\n");
  ASSERT_EQ(node_->Run(kInstall), 0) << node_->printed();
  EXPECT_EQ(node_->Read("/run/firesteel/oem/grub.cfg"),
            "# Flatcar's own\n"
            "# Firesteel: os.kernelArguments of the Cluster, and network.initrd of the BareMetalHost.\n"
            "set linux_append=\"$linux_append console=ttyS0,115200n8 memmap=64M\\$0x10000000 dyndbg=file,x.c,+p\"\n"
            "if [ -f \"($root)/flatcar/first_boot\" ]; then\n"
            "  set linux_append=\"$linux_append ip=10.0.0.11::10.0.0.1:255.255.255.0:node1:eth0:none\"\n"
            "fi\n");
  EXPECT_THAT(node_->TakeCalls(), testing::IsSupersetOf({"mount /dev/sdb6 /run/firesteel/oem", "umount /run/firesteel/oem", "sync "}));
}

TEST_F(KernelArguments, ThatCannotBeKeptAreAFailure) {
  Begin("");
  EXPECT_EQ(node_->Run(kInstall), 1);
  EXPECT_THAT(node_->printed(), HasSubstr("/dev/sdb has no partition OEM"));
}

}  // namespace
}  // namespace firesteel::render
