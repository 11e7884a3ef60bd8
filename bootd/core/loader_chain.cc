#include "bootd/core/loader_chain.h"

namespace bootd::core {
namespace {

constexpr std::chrono::seconds kSameBoot{120};
constexpr size_t kMaxAddresses = 10000;

}  // namespace

bool IsWordedByIpxe(std::string_view tftp_options) { return tftp_options == "blksize=1432,tsize=0"; }

LoaderAnswer AnswerLoaderRequest(bool worded_by_ipxe, uint32_t loaders_before) {
  return worded_by_ipxe && loaders_before > 0 ? LoaderAnswer::kScript : LoaderAnswer::kLoader;
}

LoaderAnswer LoaderChain::Ask(const std::string& address, std::string_view tftp_options, firesteel::MonotonicTime now) {
  std::lock_guard lock(mutex_);
  const auto it = loaders_.find(address);
  const bool same_boot = it != loaders_.end() && now - it->second.last < kSameBoot;
  return AnswerLoaderRequest(IsWordedByIpxe(tftp_options), same_boot ? it->second.count : 0);
}

void LoaderChain::Downloaded(const std::string& address, LoaderAnswer what, firesteel::MonotonicTime now) {
  std::lock_guard lock(mutex_);
  auto it = loaders_.find(address);
  if (what == LoaderAnswer::kScript) {
    if (it != loaders_.end() && --it->second.count == 0) loaders_.erase(it);
    return;
  }
  if (it == loaders_.end()) {
    MakeRoom(now);
    it = loaders_.emplace(address, Loaders{}).first;
  }
  Loaders& loaders = it->second;
  loaders.count = now - loaders.last < kSameBoot ? loaders.count + 1 : 1;
  loaders.last = now;
}

void LoaderChain::BootedOn(const std::string& address) {
  std::lock_guard lock(mutex_);
  loaders_.erase(address);
}

void LoaderChain::MakeRoom(firesteel::MonotonicTime now) {
  if (loaders_.size() < kMaxAddresses) return;
  std::erase_if(loaders_, [&](const auto& item) { return now - item.second.last >= kSameBoot; });
  if (loaders_.size() >= kMaxAddresses) loaders_.erase(loaders_.begin());
}

}  // namespace bootd::core
