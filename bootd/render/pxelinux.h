// Configurations for pxelinux.0, lpxelinux.0 and syslinux.efi. https://wiki.syslinux.org/wiki/?title=Config
#pragma once

#include <string>

#include "proto/boot_entry.h"

namespace bootd::render {

// Where the loader gets its files: by the protocol by which it got its configuration, because the loader speaks that one.
struct PxelinuxSource {
  std::string artifacts;  // before an artifact's name: "::artifacts/" by TFTP, "http://10.0.0.1/artifacts/"
  std::string config;     // this configuration, as the loader may ask for it again
};

std::string PxelinuxBootConfig(const firesteel::contract::BootEntry& entry, const PxelinuxSource& source,
                               const std::string& base_url);
// Tells the reason, waits, asks again.
std::string PxelinuxHoldConfig(const firesteel::contract::BootEntry& entry, const std::string& reason,
                               const PxelinuxSource& source);
// Leaves to the firmware's next boot device.
std::string PxelinuxLocalBootConfig(const firesteel::contract::BootEntry& entry);
// The same for any machine that found no configuration of its own.
std::string PxelinuxUnknownConfig();

}  // namespace bootd::render
