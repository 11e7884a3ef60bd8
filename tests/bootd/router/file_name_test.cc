#include "bootd/router/file_name.h"

#include <gtest/gtest.h>

namespace bootd::router {
namespace {

using Files = std::vector<std::string>;
using namespace std::string_literals;  // NOLINT: names hold NULs

TEST(FileName, StandsForTheFileThatTheFirmwareMeant) {
  const struct { std::string name; Files want; } rows[] = {
      {"undionly.kpxe", {"undionly.kpxe"}},
      {"/undionly.kpxe", {"undionly.kpxe"}},
      {"//grubx64.efi", {"grubx64.efi"}},
      {"assets///grubx64.efi", {"assets/grubx64.efi"}},
      {"./a/./b", {"a/b"}},
      {"a/b/", {"a/b"}},
      {"\\boot\\undionly.kpxe", {"boot/undionly.kpxe"}},
      {"\\\\grubx64.efi", {"grubx64.efi"}},
      {"EFI/BOOT/BOOTX64.EFI", {"EFI/BOOT/BOOTX64.EFI", "efi/boot/bootx64.efi"}},
      {"undionly.kpxe   ", {"undionly.kpxe"}},
      {"  undionly.kpxe", {"undionly.kpxe"}},
      {"undionly.kpxe more words", {"undionly.kpxe"}},
      {"undionly.kpxe\xff", {"undionly.kpxe", "undionly.kpx", "undionly.kp"}},
      {"undionly.kpxe<\tPXEClient", {"undionly.kpxe", "undionly.kpx", "undionly.kp"}},
      {"undionly.kpxea\x11\x22", {"undionly.kpxea", "undionly.kpxe", "undionly.kpx"}},
      {"undionly.kpxeB0\x01", {"undionly.kpxeB0", "undionly.kpxeb0", "undionly.kpxeB", "undionly.kpxeb", "undionly.kpxe"}},
      {"undionly.kpxe\0garbage"s, {"undionly.kpxe", "undionly.kpx", "undionly.kp"}},
      {"tftp://10.0.0.1/undionly.kpxe", {"undionly.kpxe"}},
      {"TFTP://boot.example:69//a/b", {"a/b"}},
      {"http://10.0.0.1:8080/assets/snponly.efi", {"assets/snponly.efi"}},
      {"/http://10.0.0.1/assets/snponly.efi", {"assets/snponly.efi"}},
      {"http:/10.0.0.1/assets/snponly.efi", {"assets/snponly.efi"}},
      {"::artifacts/vmlinuz", {"artifacts/vmlinuz"}},
      {"boot/::artifacts/vmlinuz", {"artifacts/vmlinuz"}},
      {"10.0.0.1::artifacts/vmlinuz", {"artifacts/vmlinuz"}},
      {"grub/grub.cfg-01-52:54:00:77:00:01", {"grub/grub.cfg-01-52:54:00:77:00:01"}},
  };
  for (const auto& row : rows) EXPECT_EQ(FilesMeantBy(row.name), row.want) << row.name;
}

TEST(FileName, StandsForNoFileWhereItLeadsOutOfTheRootOrHasNoName) {
  for (const std::string& name :
       {""s, "/"s, ".."s, "../x"s, "a/../b"s, "..\\x"s, "a\\..\\..\\x"s, "\xff"s, "\0"s, " "s, "tftp://host"s, "tftp://host/"s,
        "::"s, "http://h/../x"s, "::../x"s, "C:/../x"s, std::string(600, 'a')}) {
    EXPECT_TRUE(FilesMeantBy(name).empty()) << name << " " << testing::PrintToString(FilesMeantBy(name));
  }
}

TEST(FileName, NoPathLeadsOutWhateverGoesIn) {
  unsigned seed = 1;
  const std::string_view pieces[] = {"..", "/", "\\", ".", "a", "B", "::", "tftp:", "//", " ", "\xff", "\x01", ":", "%2e", "~"};
  for (int round = 0; round < 20000; ++round) {
    std::string name;
    for (int i = 0; i < 12; ++i) {
      seed = seed * 1103515245 + 12345;
      name += pieces[(seed >> 16) % std::size(pieces)];
    }
    for (const std::string& file : FilesMeantBy(name)) {
      const std::string framed = "/" + file + "/";
      for (const char* bad : {"//", "/./", "/../", "\\", " ", "\xff"}) ASSERT_EQ(framed.find(bad), std::string::npos) << name;
    }
  }
}

}  // namespace
}  // namespace bootd::router
