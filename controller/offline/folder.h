// `firesteel render --decoded`: drafts as folders to read and to compare.
#pragma once

#include <string>

#include "base/result.h"
#include "controller/offline/draft.h"

namespace firesteel::offline {

// Makes the folder, for its owner only. kInvalidArgument if there is anything in it already: nothing of the
// user's is written over.
Status MakeEmptyFolder(const std::string& folder);

// Writes what a machine gets into a new folder: boot.ipxe; ignition.json and, under root/, the files that it
// makes; installer.json and installer/ likewise.
Status WriteDraft(const Draft& draft, const std::string& folder);

}  // namespace firesteel::offline
