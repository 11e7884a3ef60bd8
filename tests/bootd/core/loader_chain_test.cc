#include "bootd/core/loader_chain.h"

#include <gtest/gtest.h>

namespace bootd::core {
namespace {

using std::chrono::seconds;

const firesteel::MonotonicTime kStart{std::chrono::hours(1)};
constexpr char kIpxe[] = "blksize=1432,tsize=0";
constexpr char kIntelRom[] = "tsize=0,blksize=1456";

TEST(LoaderChain, KnowsIpxeByTheOptionsThatNoFirmwareSends) {
  const struct { const char* who; const char* options; bool ipxe; } rows[] = {
      {"iPXE, also as the ROM of a NIC", kIpxe, true},
      {"EDK2, for the size", "tsize=0,blksize=1468,windowsize=4", false},
      {"EDK2 before 2020", "tsize=0,blksize=1468", false},
      {"an Intel BIOS ROM, for the size", "tsize=0", false},
      {"an Intel BIOS ROM, for the file", "blksize=1456", false},
      {"another BIOS ROM", kIntelRom, false},
      {"an old BIOS ROM", "blksize=1408", false},
      {"a ROM with iPXE's block size", "blksize=1432", false},
      {"a ROM with iPXE's options the other way round", "tsize=0,blksize=1432", false},
      {"gPXE, which runs no iPXE script", "blksize=1432,tsize=0,multicast=", false},
      {"U-Boot", "timeout=5,tsize=0,blksize=1468", false},
      {"GRUB", "blksize=1024,tsize=0", false},
      {"pxelinux", "tsize=0,blksize=1408", false},
      {"a client without options", "", false},
  };
  for (const auto& row : rows) EXPECT_EQ(IsWordedByIpxe(row.options), row.ipxe) << row.who;
}

TEST(LoaderChain, AnswersTheScriptOnlyToIpxeAndOnlyAfterALoader) {
  const struct { bool ipxe; uint32_t loaders_before; LoaderAnswer want; } rows[] = {
      {false, 0, LoaderAnswer::kLoader}, {false, 1, LoaderAnswer::kLoader}, {false, 9, LoaderAnswer::kLoader},
      {true, 0, LoaderAnswer::kLoader},  {true, 1, LoaderAnswer::kScript},  {true, 2, LoaderAnswer::kScript},
  };
  for (const auto& row : rows) EXPECT_EQ(AnswerLoaderRequest(row.ipxe, row.loaders_before), row.want);
}

// A conversation with one chain: who asks, when, and what must be sent.
class Conversation {
 public:
  LoaderAnswer Load(const std::string& address, const char* options, int second) {
    const auto now = kStart + seconds(second);
    const LoaderAnswer answer = chain_.Ask(address, options, now);
    chain_.Downloaded(address, answer, now);
    return answer;
  }
  LoaderChain chain_;
};

TEST(LoaderChain, IpxeThatAsksForItselfGetsTheScriptOnce) {
  Conversation c;
  EXPECT_EQ(c.Load("a", kIpxe, 0), LoaderAnswer::kLoader) << "a ROM that is an iPXE";
  EXPECT_EQ(c.Load("a", kIpxe, 5), LoaderAnswer::kScript);
  EXPECT_EQ(c.Load("a", kIpxe, 60), LoaderAnswer::kLoader) << "a new boot";
  EXPECT_EQ(c.Load("b", kIpxe, 60), LoaderAnswer::kLoader) << "another machine";
}

TEST(LoaderChain, FirmwareThatAsksAgainGetsTheLoaderAgain) {
  Conversation c;
  for (int second = 0; second < 200; second += 40) EXPECT_EQ(c.Load("a", kIntelRom, second), LoaderAnswer::kLoader);
  EXPECT_EQ(c.Load("a", kIpxe, 170), LoaderAnswer::kScript);
}

TEST(LoaderChain, EachIpxeBehindOneAddressGetsTheScriptAndNoFirmwareDoes) {
  Conversation c;
  EXPECT_EQ(c.Load("nat", kIntelRom, 0), LoaderAnswer::kLoader);
  EXPECT_EQ(c.Load("nat", kIntelRom, 1), LoaderAnswer::kLoader);
  EXPECT_EQ(c.Load("nat", kIpxe, 2), LoaderAnswer::kScript);
  EXPECT_EQ(c.Load("nat", kIntelRom, 3), LoaderAnswer::kLoader);
  EXPECT_EQ(c.Load("nat", kIpxe, 4), LoaderAnswer::kScript);
  EXPECT_EQ(c.Load("nat", kIpxe, 5), LoaderAnswer::kScript);
}

TEST(LoaderChain, ALoaderThatWasNotWholeDoesNotCount) {
  LoaderChain chain;
  EXPECT_EQ(chain.Ask("a", kIpxe, kStart), LoaderAnswer::kLoader);
  EXPECT_EQ(chain.Ask("a", kIpxe, kStart), LoaderAnswer::kLoader) << "UEFI asks for the size and aborts";
}

TEST(LoaderChain, AfterTwoMinutesItIsANewBoot) {
  Conversation c;
  c.Load("a", kIntelRom, 0);
  c.Load("a", kIntelRom, 10);
  EXPECT_EQ(c.Load("a", kIpxe, 130), LoaderAnswer::kLoader);
  EXPECT_EQ(c.Load("a", kIpxe, 131), LoaderAnswer::kScript);
  EXPECT_EQ(c.Load("a", kIpxe, 132), LoaderAnswer::kLoader) << "the loaders of the earlier boot are forgotten";
}

TEST(LoaderChain, AMachineThatIsPastItsLoaderBeginsANewBoot) {
  Conversation c;
  c.Load("a", kIpxe, 0);
  c.chain_.BootedOn("a");
  EXPECT_EQ(c.Load("a", kIpxe, 20), LoaderAnswer::kLoader);
}

TEST(LoaderChain, AScriptWithoutALoaderChangesNothing) {
  LoaderChain chain;
  chain.Downloaded("a", LoaderAnswer::kScript, kStart);
  EXPECT_EQ(chain.Ask("a", kIpxe, kStart), LoaderAnswer::kLoader);
}

TEST(LoaderChain, RemembersOnlySoManyAddresses) {
  LoaderChain chain;
  for (int i = 0; i < 25000; ++i) chain.Downloaded(std::to_string(i), LoaderAnswer::kLoader, kStart);
  EXPECT_EQ(chain.Ask("24999", kIpxe, kStart), LoaderAnswer::kScript);
}

}  // namespace
}  // namespace bootd::core
