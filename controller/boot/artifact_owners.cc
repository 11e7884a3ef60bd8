#include "controller/boot/artifact_owners.h"

#include <utility>

namespace firesteel::boot {

using contract::Artifact;

Result<bool> ArtifactOwners::Declare(const std::string& owner, std::vector<Artifact> artifacts) {
  std::map<std::string, Artifact> wanted;
  for (Artifact& artifact : artifacts) {
    const auto [it, fresh] = wanted.emplace(artifact.name, artifact);
    if (!fresh && it->second != artifact) {
      return InvalidArgument("artifact " + artifact.name + " is wanted twice with different contents");
    }
  }
  const auto before = by_owner_.find(owner);
  if (before != by_owner_.end() && before->second == wanted) return false;
  for (const auto& [other, theirs] : by_owner_) {
    if (other == owner) continue;
    for (const auto& [name, artifact] : wanted) {
      const auto it = theirs.find(name);
      if (it == theirs.end() || it->second == artifact) continue;
      return InvalidArgument("artifact " + name + " is wanted by " + other + " from another URL or with another " +
                             "checksum: give one of them another name or version");
    }
  }
  by_owner_[owner] = std::move(wanted);
  return true;
}

std::map<std::string, Artifact> ArtifactOwners::Union() const {
  std::map<std::string, Artifact> all;
  for (const auto& [owner, artifacts] : by_owner_) all.insert(artifacts.begin(), artifacts.end());
  return all;
}

}  // namespace firesteel::boot
