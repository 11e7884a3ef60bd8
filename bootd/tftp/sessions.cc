#include "bootd/tftp/sessions.h"

namespace bootd::tftp {

Session* Sessions::Find(size_t port, const Endpoint& peer) {
  const auto it = by_tids_.find({port, peer});
  return it == by_tids_.end() ? nullptr : Find(it->second);
}

Session* Sessions::Find(uint64_t id) {
  const auto slot = static_cast<uint32_t>(id);
  if (slot >= slots_.size() || slots_[slot] == nullptr || slots_[slot]->id != id) return nullptr;
  return slots_[slot].get();
}

Session* Sessions::Latest(const Endpoint& peer) {
  const auto it = latest_.find(peer);
  return it == latest_.end() ? nullptr : Find(it->second);
}

Session& Sessions::Add(Session session) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  session.id = next_++ << 32 | slot;
  by_tids_[{session.port, session.peer}] = session.id;
  latest_[session.peer] = session.id;
  slots_[slot] = std::make_unique<Session>(std::move(session));
  return *slots_[slot];
}

Session Sessions::Remove(uint64_t id) {
  const auto slot = static_cast<uint32_t>(id);
  Session session = std::move(*slots_[slot]);
  slots_[slot].reset();
  free_.push_back(slot);
  by_tids_.erase({session.port, session.peer});
  const auto latest = latest_.find(session.peer);
  if (latest != latest_.end() && latest->second == id) latest_.erase(latest);
  return session;
}

}  // namespace bootd::tftp
