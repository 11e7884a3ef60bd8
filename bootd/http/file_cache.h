// Files as they are served: opened, described, and small ones kept in memory.
#pragma once

#include <sys/stat.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/file_stamp.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "bootd/http/reply_head.h"

namespace bootd::http {

// A regular file as it was when it was opened; what is renamed over it later is another one. Immutable.
class File {
 public:
  // kNotFound if there is none that may be read; kUnavailable if the machine cannot (descriptors, disk).
  static firesteel::Result<std::shared_ptr<const File>> Open(const std::string& path);
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  Validators validators() const { return {size_, etag_, last_modified_}; }
  // The lines of the reply's head that describe it.
  const std::string& fields() const { return fields_; }
  // Whether bytes() has all of it; else fd() has.
  bool in_memory() const { return fd_.get() < 0; }
  const std::string& bytes() const { return bytes_; }
  int fd() const { return fd_.get(); }
  const firesteel::FileStamp& stamp() const { return stamp_; }
  // Whether it still is what was opened, and was not written to since; for one that is not in memory.
  bool IsUntouched() const;

 private:
  File() = default;
  void Describe(const std::string& path, const struct stat& info);
  bool ReadIntoMemory();

  firesteel::UniqueFd fd_;
  firesteel::FileStamp stamp_;
  uint64_t size_ = 0;
  std::string etag_;
  std::string last_modified_;
  std::string fields_;
  std::string bytes_;
};
using FilePtr = std::shared_ptr<const File>;

// Keeps small files, at most 2 MiB of them; looks at the disk again after a tenth of a second, so what is
// replaced is noticed at once as far as people can tell. Large files are opened for each transfer: each
// has its own read-ahead. Not thread-safe.
class FileCache {
 public:
  firesteel::Result<FilePtr> Open(const std::string& path, firesteel::MonotonicTime now);

 private:
  struct Item {
    FilePtr file;
    firesteel::MonotonicTime checked;
  };
  std::unordered_map<std::string, Item> items_;  // by path
};

}  // namespace bootd::http
