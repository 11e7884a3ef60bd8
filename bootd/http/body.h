// The body of a reply, opened and described: pure of sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bootd/http/message.h"
#include "bootd/http/target.h"

namespace bootd::http {

// Owns its file descriptor.
class Body {
 public:
  Body() = default;
  ~Body();
  Body(Body&& other) noexcept;
  Body& operator=(Body&& other) noexcept;

  bool is_file() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  const std::string& bytes() const { return bytes_; }
  uint64_t size() const { return size_; }
  // Strong validator of a file: it changes when the file is replaced or written. "" for bytes.
  const std::string& etag() const { return etag_; }
  const std::string& content_type() const { return content_type_; }
  // Called once, by End(), or by the destructor as incomplete.
  void End(bool complete);
  bool wants_end() const { return static_cast<bool>(on_end_); }

  // Opens what a handler gave. A file that cannot be opened gives nullopt (404).
  static std::optional<Body> Open(Reply& reply);

 private:
  int fd_ = -1;
  std::string bytes_;
  uint64_t size_ = 0;
  std::string etag_;
  std::string content_type_;
  std::function<void(bool)> on_end_;
};

}  // namespace bootd::http
