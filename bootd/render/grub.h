// Configurations for GRUB loaded over the network (grubnetaa64.efi, grubnetx64.efi).
// https://www.gnu.org/software/grub/manual/grub/html_node/Network.html
#pragma once

#include <string>

#include "proto/boot_entry.h"

namespace bootd::render {

// `base_url`: bootd as machines reach it, "http://10.0.0.1"; GRUB loads by HTTP.

// For any machine: goes on with the configuration of its MAC address; if there is none, with the next boot device.
std::string GrubChainConfig(const std::string& base_url);
std::string GrubBootConfig(const firesteel::contract::BootEntry& entry, const std::string& base_url);
// Tells the reason, waits, starts the machine again.
std::string GrubHoldConfig(const firesteel::contract::BootEntry& entry, const std::string& reason);
// Leaves to the firmware's next boot device.
std::string GrubLocalBootConfig(const firesteel::contract::BootEntry& entry);

}  // namespace bootd::render
