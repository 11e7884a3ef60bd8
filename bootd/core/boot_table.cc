#include "bootd/core/boot_table.h"

#include <mutex>

namespace bootd::core {

using firesteel::InvalidArgument;
using firesteel::Result;
using firesteel::Status;
using firesteel::contract::BootEntry;

namespace {

firesteel::Error SameMac(const BootEntry& one, const BootEntry& other) {
  return InvalidArgument("entries " + one.id + " and " + other.id + " both have the MAC " + one.mac.ToString());
}

}  // namespace

EntryPtr BootTable::Find(const firesteel::MacAddress& mac) const {
  std::shared_lock lock(mutex_);
  const auto it = by_mac_.find(mac);
  return it == by_mac_.end() ? nullptr : it->second;
}

EntryPtr BootTable::FindById(const std::string& id) const {
  std::shared_lock lock(mutex_);
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : it->second;
}

size_t BootTable::size() const {
  std::shared_lock lock(mutex_);
  return by_id_.size();
}

Status BootTable::Replace(std::vector<BootEntry> entries) {
  ById by_id;
  for (BootEntry& entry : entries) {
    auto shared = std::make_shared<const BootEntry>(std::move(entry));
    if (!by_id.emplace(shared->id, shared).second) {
      return InvalidArgument("two entries have the id " + shared->id);
    }
  }
  Result<ByMac> by_mac = Index(by_id);
  if (!by_mac.ok()) return by_mac.error();
  std::unique_lock lock(mutex_);
  by_id_ = std::move(by_id);
  by_mac_ = std::move(*by_mac);
  known_ = true;
  return {};
}

Status BootTable::Apply(std::vector<BootEntry> upserts, const std::vector<std::string>& removed_ids) {
  std::unordered_set<std::string> gone(removed_ids.begin(), removed_ids.end());
  ById by_id;
  for (BootEntry& entry : upserts) {
    auto shared = std::make_shared<const BootEntry>(std::move(entry));
    gone.insert(shared->id);
    by_id[shared->id] = shared;
  }
  const Result<ByMac> by_mac = Index(by_id);
  if (!by_mac.ok()) return by_mac.error();
  std::unique_lock lock(mutex_);
  Status free = CheckMacs(*by_mac, gone);
  if (!free.ok()) return free;
  for (const std::string& id : gone) Erase(id);
  by_id_.merge(by_id);
  for (const auto& [mac, entry] : *by_mac) by_mac_[mac] = entry;
  return {};
}

Status BootTable::CheckMacs(const ByMac& upserts, const std::unordered_set<std::string>& gone) const {
  for (const auto& [mac, entry] : upserts) {
    const auto holder = by_mac_.find(mac);
    if (holder != by_mac_.end() && gone.count(holder->second->id) == 0) return SameMac(*holder->second, *entry);
  }
  return {};
}

void BootTable::Erase(const std::string& id) {
  const auto it = by_id_.find(id);
  if (it == by_id_.end()) return;
  by_mac_.erase(it->second->mac);
  by_id_.erase(it);
}

Result<BootTable::ByMac> BootTable::Index(const ById& by_id) {
  ByMac by_mac;
  by_mac.reserve(by_id.size());
  for (const auto& [id, entry] : by_id) {
    const auto [it, added] = by_mac.emplace(entry->mac, entry);
    if (!added) return SameMac(*it->second, *entry);
  }
  return by_mac;
}

}  // namespace bootd::core
