// Who wants which artifacts: clusters share a mirror, and mostly want the same files. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/artifact.h"

namespace firesteel::boot {

// Not thread-safe.
class ArtifactOwners {
 public:
  // Replaces the owner's set; false = nothing is different. kInvalidArgument, and nothing changes, if one name would
  // mean two different files.
  Result<bool> Declare(const std::string& owner, std::vector<contract::Artifact> artifacts);
  bool Withdraw(const std::string& owner) { return by_owner_.erase(owner) != 0; }  // false likewise

  std::map<std::string, contract::Artifact> Union() const;  // by name

 private:
  std::map<std::string, std::map<std::string, contract::Artifact>> by_owner_;  // then by name
};

}  // namespace firesteel::boot
