// Owns a file descriptor.
#pragma once

#include <unistd.h>

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

}  // namespace firesteel
