#include "bootd/http/body.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace bootd::http {

Body::~Body() {
  End(false);
  if (fd_ >= 0) close(fd_);
}

Body::Body(Body&& other) noexcept { *this = std::move(other); }

Body& Body::operator=(Body&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  std::swap(etag_, other.etag_);
  std::swap(content_type_, other.content_type_);
  std::swap(on_end_, other.on_end_);
  return *this;
}

void Body::End(bool complete) {
  const auto on_end = std::exchange(on_end_, nullptr);
  if (on_end) on_end(complete);
}

std::optional<Body> Body::Open(Reply& reply) {
  Body body;
  if (auto* bytes = std::get_if<core::BytesContent>(&reply.content)) {
    body.bytes_ = std::move(bytes->bytes);
    body.size_ = body.bytes_.size();
    body.content_type_ = std::move(bytes->content_type);
    body.on_end_ = std::move(bytes->on_end);
    return body;
  }
  auto& file = std::get<core::FileContent>(reply.content);
  body.on_end_ = std::move(file.on_end);
  body.fd_ = open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info{};
  if (body.fd_ < 0 || fstat(body.fd_, &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  body.size_ = static_cast<uint64_t>(info.st_size);
  body.content_type_ = ContentTypeOf(file.path);
  body.etag_ = "\"" + std::to_string(info.st_ino) + "-" + std::to_string(info.st_size) + "-" +
               std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + "\"";
  return body;
}

}  // namespace bootd::http
