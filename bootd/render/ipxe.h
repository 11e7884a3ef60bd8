// iPXE scripts. https://ipxe.org/scripting
#pragma once

#include <string>

#include "proto/boot_entry.h"

namespace bootd::render {

// `base_url`: bootd as machines reach it, "http://10.0.0.1".

// For any machine: asks for the script of its MAC address. Where bootd does not answer for two minutes, the machine goes
// on with its next boot device, so that installed machines start without bootd.
std::string ChainScript(const std::string& base_url);
// Boots the entry's kernel. Needs an entry that netboots.
std::string BootScript(const firesteel::contract::BootEntry& entry, const std::string& base_url);
// Leaves to the firmware's next boot device. UEFI firmware takes only a failed exit for "go on".
std::string LocalBootScript(const firesteel::contract::BootEntry& entry);
// The same for a machine that no entry names.
std::string UnknownScript(const firesteel::MacAddress& mac);
// Tells the reason, waits, asks again.
std::string HoldScript(const firesteel::contract::BootEntry& entry, const std::string& reason,
                       const std::string& base_url);

}  // namespace bootd::render
