#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace firesteel {
namespace {

Error FromErrno(const std::string& what, const std::string& path) {
  const Code code = errno == ENOENT   ? Code::kNotFound
                    : errno == EACCES ? Code::kPermissionDenied
                    : errno == ENOSPC ? Code::kResourceExhausted
                                      : Code::kInternal;
  return MakeError(code, what + " " + path + ": " + std::strerror(errno));
}

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, size_t limit) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) return FromErrno("cannot read", path);
  std::string content;
  char buffer[1 << 16];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    content.append(buffer, static_cast<size_t>(in.gcount()));
    if (content.size() > limit) {
      return MakeError(Code::kResourceExhausted,
                       path + " is larger than " + std::to_string(limit) + " bytes");
    }
  }
  if (in.bad()) return FromErrno("cannot read", path);
  return content;
}

Status WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  const int fd = mkstemp(temporary.data());
  if (fd < 0) return FromErrno("cannot create", temporary);
  const bool written = WriteAll(fd, content) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
  const Error error = FromErrno("cannot write", path);
  close(fd);
  if (!written || rename(temporary.c_str(), path.c_str()) != 0) {
    const Error renamed = written ? FromErrno("cannot replace", path) : error;
    unlink(temporary.c_str());
    return renamed;
  }
  return {};
}

}  // namespace firesteel
