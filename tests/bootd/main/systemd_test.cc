// deploy/systemd/bootd.service as systemd reads it.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "base/crypto.h"
#include "base/file.h"
#include "tests/support/child_process.h"

namespace firesteel::test {
namespace {

const std::string kFolder = std::string(FIRESTEEL_SOURCE_DIR) + "/deploy/systemd/";

TEST(SystemdUnit, HasNothingThatSystemdDoesNotKnow) {
  const std::string dir = testing::TempDir() + "firesteel-unit-" + RandomHex(4);
  std::filesystem::create_directories(dir);
  const std::string program = std::string(FIRESTEEL_BINARY_DIR) + "/bootd/bootd";
  const std::string unit = std::regex_replace(ReadFile(kFolder + "bootd.service").value(), std::regex("/usr/local/bin/bootd"), program);
  ASSERT_TRUE(WriteFileAtomically(dir + "/bootd.service", unit, 0644).ok());
  const Finished verified = RunShell("systemd-analyze verify --man=no " + dir + "/bootd.service");
  EXPECT_EQ(verified.status, 0) << verified.printed;
  EXPECT_EQ(verified.printed, "");
  std::filesystem::remove_all(dir);
}

// systemd.exec(5), systemd-analyze(1): 0 = locked away, 10 = root without limits; threshold in tenths.
TEST(SystemdUnit, ItsExposureIsUnderTwo) {
  const Finished judged = RunShell("systemd-analyze security --no-pager --offline=yes --threshold=20 " + kFolder + "bootd.service");
  EXPECT_EQ(judged.status, 0) << judged.printed;
}

}  // namespace
}  // namespace firesteel::test
