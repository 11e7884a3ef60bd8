// A class that owns a file descriptor, and the process's limit of descriptors.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <utility>

namespace firesteel {

class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}  // -1 = none
  ~UniqueFd() {
    if (fd_ >= 0) close(fd_);
  }
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// Raises the process's limit to `wanted`, or as far as it may. The usual 1024 is meant for programs that use select().
void AllowDescriptors(size_t wanted);

}  // namespace firesteel
