// Names of artifacts and assets: relative paths that cannot leave their directory.
#pragma once

#include <string_view>

namespace firesteel::contract {

// One or more segments of [A-Za-z0-9._+@~-], none of them "." or "..", joined by '/'; ≤ 512 bytes.
bool IsSafeRelativePath(std::string_view path);

}  // namespace firesteel::contract
