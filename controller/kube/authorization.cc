#include "controller/kube/authorization.h"

#include "base/file.h"

namespace firesteel::kube {
namespace {

constexpr std::chrono::seconds kMaxAge{60};

}  // namespace

std::string Authorization::Header() {
  std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!file_.empty() && (token_.empty() || now - read_ > kMaxAge)) {
    const Result<std::string> text = ReadFile(file_);
    if (text.ok()) token_ = text->substr(0, text->find_last_not_of(" \r\n\t") + 1);
    read_ = now;
  }
  return token_.empty() ? "" : "Bearer " + token_;
}

}  // namespace firesteel::kube
