// Counters as Prometheus text. https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace bootd::core {

// Thread-safe.
class Metrics {
 public:
  // `labels` as in the text format: `code="200"`; "" = none.
  void Count(const std::string& name, const std::string& labels = "", uint64_t by = 1);
  void Set(const std::string& name, const std::string& labels, uint64_t value);
  std::string Text() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t> values_;  // guarded by mutex_; by name and labels
};

}  // namespace bootd::core
