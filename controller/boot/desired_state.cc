#include "controller/boot/desired_state.h"

namespace firesteel::boot {
namespace {

template <typename T>
void DiffMap(const std::map<std::string, T>& from, const std::map<std::string, T>& to, std::vector<T>& upserts,
             std::vector<std::string>& removals) {
  for (const auto& [key, value] : to) {
    const auto old = from.find(key);
    if (old == from.end() || old->second != value) upserts.push_back(value);
  }
  for (const auto& [key, value] : from) {
    if (to.count(key) == 0) removals.push_back(key);
  }
}

}  // namespace

Difference Diff(const DesiredState& from, const DesiredState& to) {
  Difference difference;
  DiffMap(from.entries, to.entries, difference.upsert_entries, difference.remove_entries);
  DiffMap(from.artifacts, to.artifacts, difference.upsert_artifacts, difference.remove_artifacts);
  return difference;
}

}  // namespace firesteel::boot
