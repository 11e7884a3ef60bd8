#include "bootd/core/loader_chain.h"

namespace bootd::core {
namespace {

constexpr std::chrono::seconds kSameBoot{120};
constexpr size_t kMaxClients = 10000;

}  // namespace

LoaderChain::Answer LoaderChain::Ask(const std::string& client, firesteel::MonotonicTime now) {
  std::lock_guard lock(mutex_);
  const auto it = loaded_.find(client);
  const bool same_boot = it != loaded_.end() && now - it->second < kSameBoot;
  return same_boot ? Answer::kScript : Answer::kLoader;
}

void LoaderChain::Downloaded(const std::string& client, Answer what, firesteel::MonotonicTime now) {
  std::lock_guard lock(mutex_);
  if (what == Answer::kScript) {
    loaded_.erase(client);
    return;
  }
  if (loaded_.size() >= kMaxClients) {
    std::erase_if(loaded_, [&](const auto& item) { return now - item.second >= kSameBoot; });
    if (loaded_.size() >= kMaxClients) loaded_.erase(loaded_.begin());
  }
  loaded_[client] = now;
}

}  // namespace bootd::core
