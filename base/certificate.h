// What of a certificate has to be watched: its end.
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace firesteel {

// When each certificate of a PEM text ends (notAfter), in its order: a chain begins with the leaf. An Error
// where one cannot be read, or there is none.
Result<std::vector<WallTime>> CertificateEnds(std::string_view pem);

}  // namespace firesteel
