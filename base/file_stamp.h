// Which file something is, and whether it was written to: by what stat(2) says. A value.
#pragma once

#include <sys/stat.h>

namespace firesteel {

class FileStamp {
 public:
  FileStamp() = default;
  explicit FileStamp(const struct stat& info)
      : device_(info.st_dev), inode_(info.st_ino), size_(info.st_size), modified_(info.st_mtim), changed_(info.st_ctim) {}

  // A file that was opened before: nobody has written to it, or cut it. The change time (ctime) does not count: it moves
  // too when another file takes the name.
  bool HasSameContent(const FileStamp& other) const {
    return device_ == other.device_ && inode_ == other.inode_ && size_ == other.size_ && Same(modified_, other.modified_);
  }
  // What a name leads to is still what it led to before. The change time counts: it also tells of a file that was
  // rewritten and given its old modification time.
  bool IsSameFile(const FileStamp& other) const { return HasSameContent(other) && Same(changed_, other.changed_); }

 private:
  static bool Same(const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; }

  dev_t device_ = 0;
  ino_t inode_ = 0;
  off_t size_ = 0;
  timespec modified_{};
  timespec changed_{};
};

}  // namespace firesteel
