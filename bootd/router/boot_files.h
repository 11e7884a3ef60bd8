// The file names that boot loaders ask for by themselves, and what they mean. Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "base/mac_address.h"

namespace bootd::router {

enum class ConfigKind { kPxelinux, kGrub };

// "pxelinux.cfg/01-52-54-00-77-00-01", "grub/grub.cfg-01-52-54-00-77-00-01": one machine's own.
struct MachineConfig {
  ConfigKind kind = ConfigKind::kPxelinux;
  firesteel::MacAddress mac;
};
// "grub/grub.cfg", by a GRUB that did not ask for its own before: it is sent there.
struct AnyMachineGrubConfig {};
// "pxelinux.cfg/default": the last name that a pxelinux tries.
struct AnyMachinePxelinuxConfig {};
// A file of a Raspberry Pi's firmware, in the folder that its EEPROM or boot ROM asks for first.
struct RaspberryPiFile {
  std::string machine;  // serial number "9ffefdef" or MAC "dc-a6-32-01-36-c2"
  std::string file;     // "start4.elf", "overlays/disable-bt.dtbo"
};
using BootFile = std::variant<MachineConfig, AnyMachineGrubConfig, AnyMachinePxelinuxConfig, RaspberryPiFile>;

// nullopt = any other name. `path` is relative. Folders before pxelinux.cfg and grub.cfg do not count:
// loaders look beside themselves.
std::optional<BootFile> ParseBootFile(const std::string& path);

}  // namespace bootd::router
