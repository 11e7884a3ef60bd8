// Markdown made from the sources.
#pragma once

#include <string>

namespace firesteel::test {

// docs/crd-reference.md, from the CRDs that are compiled in.
std::string CrdReference();
// The table of docs/troubleshooting.md, from controller/api/reasons.h.
std::string ReasonTable();

}  // namespace firesteel::test
