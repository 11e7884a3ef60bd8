// Owns a file descriptor; how many of them the process may have.
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

// Raises the process's limit to `wanted`, or as far as it may: 1024, the usual one, is for programs that use select().
void AllowDescriptors(size_t wanted);

}  // namespace firesteel
