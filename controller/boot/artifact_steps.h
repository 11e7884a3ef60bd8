// Which steps of a download are news to hosts: not each percent, which would wake 10,000 of them.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "proto/artifact.h"

namespace firesteel::boot {

// Thread-safe.
class ArtifactSteps {
 public:
  // Whether hosts should look: the artifact is new, a tenth more of it is there, or it is not being downloaded.
  bool IsNews(const std::string& target, const contract::ArtifactStatus& status);

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, uint64_t> seen_;  // guarded by mutex_; tenths, by target and name
};

}  // namespace firesteel::boot
