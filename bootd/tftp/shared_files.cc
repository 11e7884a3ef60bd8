#include "bootd/tftp/shared_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

namespace bootd::tftp {

using firesteel::NotFound;
using firesteel::Result;

OpenFile::OpenFile(UniqueFd fd, const struct stat& info, bool map) : fd_(std::move(fd)), stamp_(info), size_(static_cast<uint64_t>(info.st_size)) {
  if (!map || size() == 0) {
    posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    return;
  }
  void* memory = mmap(nullptr, size(), PROT_READ, MAP_SHARED, fd_.get(), 0);
  if (memory == MAP_FAILED) return;
  madvise(memory, size(), MADV_WILLNEED);
  mapped_ = static_cast<const char*>(memory);
}

OpenFile::~OpenFile() {
  if (mapped_ != nullptr) munmap(const_cast<char*>(mapped_), size());
}

bool OpenFile::Read(uint64_t offset, size_t size, char* to) const {
  while (size > 0) {
    const ssize_t got = pread(fd_.get(), to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    offset += static_cast<uint64_t>(got);
    to += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool OpenFile::Changed() const {
  struct stat now{};
  return fstat(fd_.get(), &now) != 0 || !stamp_.HasSameContent(firesteel::FileStamp(now));
}

Result<std::shared_ptr<const OpenFile>> SharedFiles::Open(const std::string& path) {
  struct stat info{};
  if (const auto known = files_.find(path); known != files_.end()) {
    std::shared_ptr<const OpenFile> file = known->second.lock();
    if (file != nullptr && stat(path.c_str(), &info) == 0 && file->stamp().IsSameFile(firesteel::FileStamp(info))) return file;
  }
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0 || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return NotFound("the file is not there");
  const auto size = static_cast<uint64_t>(info.st_size);
  const bool map = size <= kMaxMappedFile && Mapped() + size <= kMaxMapped;
  auto file = std::make_shared<const OpenFile>(std::move(fd), info, map);
  files_[path] = file;
  return std::shared_ptr<const OpenFile>(std::move(file));
}

uint64_t SharedFiles::Mapped() {
  uint64_t sum = 0;
  for (auto it = files_.begin(); it != files_.end();) {
    const std::shared_ptr<const OpenFile> file = it->second.lock();
    if (file == nullptr) {
      it = files_.erase(it);
      continue;
    }
    if (file->mapped() != nullptr) sum += file->size();
    ++it;
  }
  return sum;
}

}  // namespace bootd::tftp
