// Who wants which artifacts: clusters share a mirror, and mostly want the same files. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/artifact.h"

namespace firesteel::boot {

// Where two owners want different files by one name, the file of the owner who wanted it first stays. The other owner's
// wish is remembered: it counts once the first owner changes its own, so that two owners who both change a file get there
// in either order. Not thread-safe.
class ArtifactOwners {
 public:
  // Replaces the owner's wishes; false = nothing is different. kInvalidArgument, and nothing changes, if the wishes
  // themselves have two files by one name.
  Result<bool> Declare(const std::string& owner, std::vector<contract::Artifact> artifacts);
  bool Withdraw(const std::string& owner) { return wishes_.erase(owner) != 0; }  // false likewise

  // kInvalidArgument: the first file that the owner cannot have, and who has another one by its name.
  Status Judge(const std::string& owner) const;
  std::map<std::string, contract::Artifact> Union() const;  // by name

 private:
  struct Wish {
    contract::Artifact artifact;
    uint64_t since;
  };
  struct Holder {
    const Wish* wish = nullptr;
    std::string owner;
  };
  using Wishes = std::map<std::string, Wish>;  // by name

  Holder HolderOf(const std::string& name) const;

  std::map<std::string, Wishes> wishes_;  // by owner
  uint64_t declared_ = 0;
};

}  // namespace firesteel::boot
