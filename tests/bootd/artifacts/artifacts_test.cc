#include <gtest/gtest.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "bootd/artifacts/asset_root.h"
#include "bootd/artifacts/digests.h"

namespace bootd::artifacts {
namespace {

namespace fs = std::filesystem;

TEST(Digests, TakesTheSha512OfTheNamedFileOnly) {
  const std::string sum(128, 'a');
  const std::string other(128, 'b');
  const std::string text = "# MD5 HASH\n00  f\n# SHA512 HASH\n" + other + "  g\n" + sum + "  f\n# SHA1 HASH\n11  f\n";
  EXPECT_EQ(*Sha512FromDigests(text, "f"), sum);
  EXPECT_FALSE(Sha512FromDigests(text, "h").ok());
  EXPECT_FALSE(Sha512FromDigests("# SHA1 HASH\n" + sum + "  f\n", "f").ok());
}

TEST(AssetRoot, ServesRegularFilesInsideOnly) {
  const std::string dir = testing::TempDir() + "firesteel-assets-" + firesteel::RandomHex(4);
  fs::create_directories(dir + "/root/sub");
  ASSERT_TRUE(firesteel::WriteFileAtomically(dir + "/secret", "s", 0600).ok());
  ASSERT_TRUE(firesteel::WriteFileAtomically(dir + "/root/sub/f", "f", 0600).ok());
  fs::create_symlink("sub/f", dir + "/root/inside");
  fs::create_symlink("../secret", dir + "/root/outside");
  const AssetRoot root(dir + "/root");
  EXPECT_TRUE(root.Find("sub/f").has_value());
  EXPECT_TRUE(root.Find("inside").has_value());
  for (const char* path : {"outside", "sub", "none", "../secret", "/etc/passwd", ""}) EXPECT_FALSE(root.Find(path).has_value()) << path;
  EXPECT_FALSE(AssetRoot("").Find("sub/f").has_value());
  fs::remove_all(dir);
}

}  // namespace
}  // namespace bootd::artifacts
