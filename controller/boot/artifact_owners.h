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
  // Replaces the owner's set. kInvalidArgument, and nothing changes, if one name would mean two
  // different files.
  Status Declare(const std::string& owner, std::vector<contract::Artifact> artifacts);
  void Withdraw(const std::string& owner) { by_owner_.erase(owner); }

  std::map<std::string, contract::Artifact> Union() const;  // by name

 private:
  std::map<std::string, std::map<std::string, contract::Artifact>> by_owner_;  // then by name
};

}  // namespace firesteel::boot
