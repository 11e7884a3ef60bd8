// Whether a file is what an artifact has to be.
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "proto/artifact.h"

namespace bootd::artifacts {

// Reads the whole file, and downloads the digests or the signature that the artifact names.
// Returns the file's SHA-512. kFailedPrecondition: the file is another one. Every other code: it could not be found
// out; so also after a stop request. `work_dir` takes temporary files.
firesteel::Result<std::string> VerifyFile(const firesteel::contract::Artifact& artifact, const std::string& path,
                                          const std::string& work_dir, std::stop_token stop);

}  // namespace bootd::artifacts
