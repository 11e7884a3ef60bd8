#include "bootd/tftp/sessions.h"

namespace bootd::tftp {

Sessions::Sessions(uint64_t seed) : by_tids_(0, TidsHash{{seed}}), latest_(0, EndpointHash{seed}) {
  by_tids_.max_load_factor(0.5);  // looked up for every packet
}

Session* Sessions::Find(size_t port, const Endpoint& peer) {
  const auto it = by_tids_.find({port, peer});
  return it == by_tids_.end() ? nullptr : &it->second;
}

Session* Sessions::Find(uint64_t id) {
  const auto slot = static_cast<uint32_t>(id);
  if (slot >= slots_.size() || slots_[slot] == nullptr || slots_[slot]->id != id) return nullptr;
  return slots_[slot];
}

Session* Sessions::Latest(const Endpoint& peer) {
  const auto it = latest_.find(peer);
  return it == latest_.end() ? nullptr : Find(it->second);
}

Session& Sessions::Add(Session session) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.push_back(nullptr);
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  session.id = next_++ << 32 | slot;
  latest_[session.peer] = session.id;
  const Tids tids{session.port, session.peer};
  slots_[slot] = &by_tids_.emplace(tids, std::move(session)).first->second;
  return *slots_[slot];
}

Session Sessions::Remove(uint64_t id) {
  const auto slot = static_cast<uint32_t>(id);
  const auto it = by_tids_.find({slots_[slot]->port, slots_[slot]->peer});
  Session session = std::move(it->second);
  by_tids_.erase(it);
  slots_[slot] = nullptr;
  free_.push_back(slot);
  const auto latest = latest_.find(session.peer);
  if (latest != latest_.end() && latest->second == id) latest_.erase(latest);
  return session;
}

}  // namespace bootd::tftp
