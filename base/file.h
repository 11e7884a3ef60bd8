// Whole small files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/result.h"

namespace firesteel {

// Refuses a file larger than `limit` bytes.
Result<std::string> ReadFile(const std::string& path, size_t limit = 16u << 20);

// Writes a temporary file beside `path`, syncs it and renames it: readers see the old or the new
// whole. The directory must exist.
Status WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode);

}  // namespace firesteel
