// Counters as Prometheus text. https://prometheus.io/docs/instrumenting/exposition_formats/
//
// Not by prometheus-cpp, which the controller links: bootd would have to declare each family before its first count, and
// to hold a family and a metric object for each name and label that is now one line at the place where it happens; the text
// below is ten lines, and bootd, the part on the untrusted network, links one library less.
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
