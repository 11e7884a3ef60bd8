// The boot entries that the controller declared, by MAC address. Memory only.
#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "proto/boot_entry.h"

namespace bootd::core {

using EntryPtr = std::shared_ptr<const firesteel::contract::BootEntry>;

// Thread-safe; a look-up, and an entry of Apply, cost the same at 1 and at 100,000 entries.
class BootTable {
 public:
  EntryPtr Find(const firesteel::MacAddress& mac) const;  // nullptr = unknown
  EntryPtr FindById(const std::string& id) const;         // likewise
  size_t size() const;
  // Whether a controller has declared its entries since this bootd started. Until then a missing entry means nothing.
  bool Known() const { return known_; }

  // Both are applied whole or, where two entries would share an id or a MAC, refused whole.
  firesteel::Status Replace(std::vector<firesteel::contract::BootEntry> entries);
  firesteel::Status Apply(std::vector<firesteel::contract::BootEntry> upserts,
                          const std::vector<std::string>& removed_ids);

 private:
  using ById = std::unordered_map<std::string, EntryPtr>;
  using ByMac = std::unordered_map<firesteel::MacAddress, EntryPtr>;
  static firesteel::Result<ByMac> Index(const ById& by_id);
  // Whether these can take the place of what has the ids of `gone`. Only with mutex_ held, as the next.
  firesteel::Status CheckMacs(const ByMac& upserts, const std::unordered_set<std::string>& gone) const;
  void Erase(const std::string& id);

  mutable std::shared_mutex mutex_;
  ById by_id_;    // guarded by mutex_
  ByMac by_mac_;  // guarded by mutex_
  std::atomic<bool> known_ = false;
};

}  // namespace bootd::core
