#include "controller/boot/authority_file.h"

#include <utility>

#include "base/certificate.h"
#include "base/file.h"
#include "base/log.h"

namespace firesteel::boot {

AuthorityFile::AuthorityFile(std::string file, std::string pem) : file_(std::move(file)), seen_(pem), pem_(std::move(pem)) {}

std::string AuthorityFile::Pem() const {
  std::lock_guard lock(mutex_);
  return pem_;
}

bool AuthorityFile::Refresh() {
  Result<std::string> content = ReadFile(file_);
  std::lock_guard lock(mutex_);
  if (!content.ok() || *content == seen_) return false;
  seen_ = *content;
  if (const auto ends = CertificateEnds(*content); !ends.ok()) {
    LogWarning("authority not renewed", {{"file", file_}, {"error", ends.error().message}});
    return false;
  }
  pem_ = std::move(*content);
  LogInfo("authority renewed", {{"file", file_}});
  return true;
}

}  // namespace firesteel::boot
