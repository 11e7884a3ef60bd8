#include "base/file_stamp.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"

namespace firesteel {
namespace {

class FileStampTest : public testing::Test {
 protected:
  FileStampTest() { Write("content"); }
  ~FileStampTest() override { std::filesystem::remove_all(path_); }

  void Write(const std::string& content) { EXPECT_TRUE(WriteFileAtomically(path_, content, 0644).ok()); }
  FileStamp Look() const {
    struct stat info{};
    EXPECT_EQ(stat(path_.c_str(), &info), 0);
    return FileStamp(info);
  }

  const std::string path_ = testing::TempDir() + "firesteel-stamp-" + RandomHex(4);
};

TEST_F(FileStampTest, AFileThatNobodyTouchedIsTheSame) { EXPECT_TRUE(Look().IsSameFile(Look())); }

TEST_F(FileStampTest, AnotherFileUnderTheNameIsAnother) {
  const FileStamp before = Look();
  Write("content");
  EXPECT_FALSE(Look().HasSameContent(before));
  EXPECT_FALSE(Look().IsSameFile(before));
}

TEST_F(FileStampTest, AFileThatWasCutIsNotTheSame) {
  const FileStamp before = Look();
  ASSERT_EQ(truncate(path_.c_str(), 3), 0);
  EXPECT_FALSE(Look().HasSameContent(before));
}

TEST_F(FileStampTest, ARewrittenFileWithItsOldTimeIsToldByItsChangeTime) {
  struct stat info{};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  const FileStamp before(info);
  info.st_ctim.tv_sec += 1;  // as after a write and touch -d
  EXPECT_TRUE(FileStamp(info).HasSameContent(before));
  EXPECT_FALSE(FileStamp(info).IsSameFile(before));
}

TEST_F(FileStampTest, AnOpenFileThatLosesItsNameKeepsItsContent) {
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat info{};
  ASSERT_EQ(fstat(fd, &info), 0);
  const FileStamp before(info);
  Write("another");
  ASSERT_EQ(fstat(fd, &info), 0);
  EXPECT_TRUE(FileStamp(info).HasSameContent(before));
  close(fd);
}

}  // namespace
}  // namespace firesteel
