#include "bootd/http/file_cache.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bootd/http/target.h"

namespace bootd::http {
namespace {

using firesteel::Error;
using firesteel::Result;

constexpr uint64_t kMaxInMemory = 16 * 1024;
constexpr size_t kMaxFiles = 128;
constexpr std::chrono::milliseconds kTrusted{100};

Error FromErrno(const std::string& path) {
  const bool absent = errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP || errno == ENAMETOOLONG;
  const std::string message = path + ": " + std::strerror(errno);
  return absent ? firesteel::NotFound(message) : firesteel::Unavailable(message);
}

}  // namespace

Result<FilePtr> File::Open(const std::string& path) {
  std::shared_ptr<File> file(new File);
  file->fd_ = firesteel::UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info{};
  if (file->fd_.get() < 0 || fstat(file->fd_.get(), &info) != 0) return FromErrno(path);
  if (!S_ISREG(info.st_mode)) return firesteel::NotFound(path + ": not a regular file");
  file->Describe(path, info);
  if (file->size_ <= kMaxInMemory && !file->ReadIntoMemory()) return FromErrno(path);
  return FilePtr(std::move(file));
}

void File::Describe(const std::string& path, const struct stat& info) {
  stamp_ = firesteel::FileStamp(info);
  size_ = static_cast<uint64_t>(info.st_size);
  etag_ = "\"" + std::to_string(info.st_ino) + "-" + std::to_string(size_) + "-" + std::to_string(info.st_mtim.tv_sec) +
          "." + std::to_string(info.st_mtim.tv_nsec) + "\"";
  last_modified_ = HttpDate(info.st_mtim.tv_sec);
  fields_ = std::string("Content-Type: ") + ContentTypeOf(path) + "\r\nAccept-Ranges: bytes\r\nETag: " + etag_ +
            "\r\nLast-Modified: " + last_modified_ + "\r\n";
}

bool File::ReadIntoMemory() {
  bytes_.resize(size_);
  const ssize_t size = pread(fd_.get(), bytes_.data(), bytes_.size(), 0);
  if (size >= 0 && static_cast<uint64_t>(size) != size_) errno = EIO;  // it was cut while we looked
  if (size < 0 || static_cast<uint64_t>(size) != size_) return false;
  fd_ = firesteel::UniqueFd();
  return true;
}

bool File::IsUntouched() const {
  struct stat now{};
  return fstat(fd_.get(), &now) == 0 && stamp_.HasSameContent(firesteel::FileStamp(now));
}

Result<FilePtr> FileCache::Open(const std::string& path, firesteel::MonotonicTime now) {
  const auto it = items_.find(path);
  if (it != items_.end()) {
    struct stat found{};
    const bool trusted = now - it->second.checked < kTrusted;
    if (trusted || (stat(path.c_str(), &found) == 0 && it->second.file->stamp().IsSameFile(firesteel::FileStamp(found)))) {
      if (!trusted) it->second.checked = now;
      return it->second.file;
    }
    items_.erase(it);
  }
  Result<FilePtr> file = File::Open(path);
  if (!file.ok() || !(*file)->in_memory()) return file;
  // A burst of many different small files starts again from nothing rather than keeping an order of use.
  if (items_.size() >= kMaxFiles) items_.clear();
  items_[path] = {*file, now};
  return file;
}

}  // namespace bootd::http
