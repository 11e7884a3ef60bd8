#include "bootd/router/boot_files.h"

#include "bootd/router/replies.h"

namespace bootd::router {
namespace {

constexpr size_t kSerialSize = 8;

bool IsSerial(const std::string& text) {
  return text.size() == kSerialSize && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::optional<BootFile> OfMachine(ConfigKind kind, std::optional<std::string_view> mac_text) {
  if (!mac_text) return std::nullopt;
  const firesteel::Result<firesteel::MacAddress> mac = firesteel::MacAddress::Parse(*mac_text);
  return mac.ok() ? std::optional<BootFile>(MachineConfig{kind, *mac}) : std::nullopt;
}

}  // namespace

std::optional<BootFile> ParseBootFile(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string last_folder = folder.substr(folder.rfind('/') + 1);
  // 01 is Ethernet, as in ARP.
  if (last_folder == "pxelinux.cfg" && name == "default") return AnyMachinePxelinuxConfig{};
  if (last_folder == "pxelinux.cfg") return OfMachine(ConfigKind::kPxelinux, After(name, "01-"));
  if (name == "grub.cfg") return AnyMachineGrubConfig{};
  if (const auto mac = After(name, "grub.cfg-01-")) return OfMachine(ConfigKind::kGrub, mac);
  const std::string machine = path.substr(0, path.find('/'));
  const bool known_form = IsSerial(machine) || firesteel::MacAddress::Parse(machine).ok();
  if (slash == std::string::npos || !known_form) return std::nullopt;
  return RaspberryPiFile{machine, path.substr(machine.size() + 1)};
}

}  // namespace bootd::router
