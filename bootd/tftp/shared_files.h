// Open files that several transfers share. A file stays what it was when it was opened: one that replaces
// it by rename is another file. Not thread-safe, but files may be given up anywhere.
#pragma once

#include <sys/stat.h>

#include <array>
#include <map>
#include <memory>
#include <string>

#include "base/file_stamp.h"
#include "base/result.h"
#include "bootd/tftp/socket.h"

namespace bootd::tftp {

class OpenFile {
 public:
  OpenFile(UniqueFd fd, const struct stat& info, bool map);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  uint64_t size() const { return size_; }
  // Its pages, or null where it is too large to be mapped. Never read it in this process: if the file is
  // truncated that is SIGBUS, while a system call only fails with EFAULT.
  const char* mapped() const { return mapped_; }
  // False: the file does not have that much any more.
  bool Read(uint64_t offset, size_t size, char* to) const;
  // Truncated or written to since it was opened.
  bool Changed() const;
  const firesteel::FileStamp& stamp() const { return stamp_; }

 private:
  const UniqueFd fd_;
  const firesteel::FileStamp stamp_;
  const uint64_t size_;
  const char* mapped_ = nullptr;
};

// The part of a file that one transfer sends next: read at once, because a system call a block is a tenth of
// what a block costs.
struct ReadAhead {
  std::array<char, 32 << 10> data;
  uint64_t begin = 0;
  size_t size = 0;

  // `count` bytes from `offset`; null where they are not all here.
  const char* Find(uint64_t offset, size_t count) const {
    return offset >= begin && offset + count <= begin + size ? data.data() + (offset - begin) : nullptr;
  }
};

class SharedFiles {
 public:
  // Shares the file with those who still have it open.
  firesteel::Result<std::shared_ptr<const OpenFile>> Open(const std::string& path);

 private:
  static constexpr uint64_t kMaxMappedFile = 16 << 20;
  static constexpr uint64_t kMaxMapped = 32 << 20;  // of all files: mapped pages count as the process's

  uint64_t Mapped();  // bytes; forgets files that nobody has open any more

  std::map<std::string, std::weak_ptr<const OpenFile>> files_;
};

}  // namespace bootd::tftp
