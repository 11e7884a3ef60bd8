#include "controller/boot/artifact_owners.h"

#include <utility>

namespace firesteel::boot {
namespace {

using contract::Artifact;

// A checksum says what the file is, wherever it comes from.
bool SameFile(const Artifact& a, const Artifact& b) {
  if (a == b) return true;
  const bool pinned = std::holds_alternative<contract::ExpectedSha256>(a.expected) ||
                      std::holds_alternative<contract::ExpectedSha512>(a.expected);
  return pinned && a.expected == b.expected;
}

}  // namespace

Result<bool> ArtifactOwners::Declare(const std::string& owner, std::vector<Artifact> artifacts) {
  Wishes fresh;
  for (Artifact& artifact : artifacts) {
    const auto [it, added] = fresh.try_emplace(artifact.name, Wish{artifact, declared_ + 1});
    if (!added && it->second.artifact != artifact) {
      return InvalidArgument("artifact " + artifact.name + " is wanted twice with different contents");
    }
  }
  static const Wishes none;
  const auto known = wishes_.find(owner);
  const Wishes& before = known == wishes_.end() ? none : known->second;
  bool different = known == wishes_.end() || before.size() != fresh.size();
  for (auto& [name, wish] : fresh) {
    const auto it = before.find(name);
    const bool kept = it != before.end() && it->second.artifact == wish.artifact;
    if (kept) wish.since = it->second.since;
    different = different || !kept;
  }
  if (!different) return false;
  ++declared_;
  wishes_[owner] = std::move(fresh);
  return true;
}

Status ArtifactOwners::Judge(const std::string& owner) const {
  const auto wishes = wishes_.find(owner);
  if (wishes == wishes_.end()) return {};
  for (const auto& [name, wish] : wishes->second) {
    const Holder holder = HolderOf(name);
    if (SameFile(holder.wish->artifact, wish.artifact)) continue;
    return InvalidArgument("file " + wish.artifact.url + ": Cluster " + holder.owner + " has another file by the same name, from " +
                           holder.wish->artifact.url + ": give both the same source and checksum, or another version");
  }
  return {};
}

std::map<std::string, Artifact> ArtifactOwners::Union() const {
  std::map<std::string, const Wish*> first;
  for (const auto& [owner, wishes] : wishes_) {
    for (const auto& [name, wish] : wishes) {
      const Wish*& holder = first[name];
      if (holder == nullptr || wish.since < holder->since) holder = &wish;
    }
  }
  std::map<std::string, Artifact> all;
  for (const auto& [name, wish] : first) all.emplace(name, wish->artifact);
  return all;
}

ArtifactOwners::Holder ArtifactOwners::HolderOf(const std::string& name) const {
  Holder holder;
  for (const auto& [owner, wishes] : wishes_) {
    const auto it = wishes.find(name);
    if (it == wishes.end() || (holder.wish != nullptr && holder.wish->since <= it->second.since)) continue;
    holder = {&it->second, owner};
  }
  return holder;
}

}  // namespace firesteel::boot
