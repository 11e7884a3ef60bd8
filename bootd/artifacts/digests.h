// Flatcar's <file>.DIGESTS: several digests of one file, each under a comment that names its kind.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bootd::artifacts {

// The lower-case hex after "# SHA512 HASH" for `file_name`.
firesteel::Result<std::string> Sha512FromDigests(std::string_view digests, std::string_view file_name);

}  // namespace bootd::artifacts
