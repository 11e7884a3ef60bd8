// The kernel command line of a machine that netboots, the same by every loader.
#pragma once

#include <string>
#include <vector>

#include "proto/boot_entry.h"

namespace bootd::render {

// flatcar.first_boot=1, where Ignition's configuration is, then the entry's own. Without initrd=.
std::vector<std::string> KernelArguments(const firesteel::contract::BootEntry& entry, const std::string& base_url);

}  // namespace bootd::render
