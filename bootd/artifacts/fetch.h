// Brings one artifact to its place: by what is on disk already, or by a download. Then verifies it.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "bootd/artifacts/download.h"
#include "bootd/artifacts/layout.h"
#include "proto/artifact.h"

namespace bootd::artifacts {

struct Fetched {
  std::string sha512;
  uint64_t bytes = 0;
};

// Blocks until the artifact is in place, or fails. kFailedPrecondition: the server has another file than the one that
// is expected. A stop request ends it within about a second with another code; what was downloaded stays, and the next
// call goes on there. Never throws. Two calls at once must not be for the same name.
firesteel::Result<Fetched> Fetch(const firesteel::contract::Artifact& artifact, const Layout& layout,
                                 const std::function<void(const Progress&)>& on_progress, const std::stop_token& stop);

}  // namespace bootd::artifacts
