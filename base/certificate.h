// When certificates end: the one thing about them that has to be watched.
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace firesteel {

// The end (notAfter) of each certificate of a PEM text, in the order of the text: a chain begins with the leaf. An Error if
// the text has no certificate, or one that cannot be read.
Result<std::vector<WallTime>> CertificateEnds(std::string_view pem);

}  // namespace firesteel
