#include "bootd/core/metrics.h"

namespace bootd::core {
namespace {

std::string Key(const std::string& name, const std::string& labels) {
  return labels.empty() ? name : name + "{" + labels + "}";
}

}  // namespace

void Metrics::Count(const std::string& name, const std::string& labels, uint64_t by) {
  std::lock_guard lock(mutex_);
  values_[Key(name, labels)] += by;
}

void Metrics::Set(const std::string& name, const std::string& labels, uint64_t value) {
  std::lock_guard lock(mutex_);
  values_[Key(name, labels)] = value;
}

std::string Metrics::Text() const {
  std::lock_guard lock(mutex_);
  std::string text = "bootd_build_info{version=\"" FIRESTEEL_VERSION "\"} 1\n";
  for (const auto& [key, value] : values_) text += key + " " + std::to_string(value) + "\n";
  return text;
}

}  // namespace bootd::core
