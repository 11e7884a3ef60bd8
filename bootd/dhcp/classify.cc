#include "bootd/dhcp/classify.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace bootd::dhcp {
namespace {

constexpr uint8_t kIpxeHttpFeature = 19;
constexpr std::string_view kIpxeClass = "iPXE";

// Of IANA's registry, those that are served.
enum Architecture : uint16_t {
  kX86Bios = 0,
  kX64Uefi = 7,
  // EFI byte code. RFC 4578 had 7 and 9 the other way round, so firmware for x86-64 says either.
  kByteCode = 9,
  kArm64Uefi = 11,
  kX64UefiHttp = 16,
  kByteCodeHttp = 17,
  kArm64UefiHttp = 19,
  kArm64Uboot = 22,
  kArm64UbootHttp = 24,
  kArmRpiboot = 41,
};

constexpr std::array<const char*, 42> kArchitectureNames = {
    "x86 BIOS", "NEC PC98", "Itanium", "DEC Alpha", "Arc x86", "Intel Lean Client", "x86 UEFI", "x64 UEFI", "EFI Xscale", "EBC",
    "ARM 32-bit UEFI", "ARM 64-bit UEFI", "PowerPC Open Firmware", "PowerPC ePAPR", "POWER OPAL v3",
    "x86 UEFI boot from HTTP", "x64 UEFI boot from HTTP", "EBC boot from HTTP", "ARM UEFI 32 boot from HTTP", "ARM UEFI 64 boot from HTTP",
    "PC/AT BIOS boot from HTTP", "ARM 32 U-Boot", "ARM 64 U-Boot", "ARM U-Boot 32 boot from HTTP", "ARM U-Boot 64 boot from HTTP",
    "RISC-V 32-bit UEFI", "RISC-V 32-bit UEFI boot from HTTP", "RISC-V 64-bit UEFI", "RISC-V 64-bit UEFI boot from HTTP",
    "RISC-V 128-bit UEFI", "RISC-V 128-bit UEFI boot from HTTP", "s390 Basic", "s390 Extended", "MIPS 32-bit UEFI", "MIPS 64-bit UEFI",
    "Sunway 32-bit UEFI", "Sunway 64-bit UEFI", "LoongArch 32-bit UEFI", "LoongArch 32-bit UEFI boot from HTTP", "LoongArch 64-bit UEFI",
    "LoongArch 64-bit UEFI boot from HTTP", "ARM rpiboot"};

uint8_t Byte(char c) { return static_cast<uint8_t>(c); }

bool StartsWith(const std::string* text, std::string_view prefix) {
  return text != nullptr && text->compare(0, prefix.size(), prefix) == 0;
}

// RFC 3004 §4: each class has its length before it, and there may be several. iPXE sends its one class without.
bool HasIpxeUserClass(const Packet& request) {
  const std::string* user_class = request.Find(kUserClass);
  if (user_class == nullptr) return false;
  std::string_view rest = *user_class;
  if (rest == kIpxeClass) return true;
  bool found = false;
  while (!rest.empty()) {
    const size_t length = Byte(rest.front());
    if (length >= rest.size()) return false;  // not this form
    found = found || rest.substr(1, length) == kIpxeClass;
    rest.remove_prefix(1 + length);
  }
  return found;
}

// Whether iPXE's own options name HTTP among its features. iPXE without them is taken to have it.
bool IpxeHasHttp(const Packet& request) {
  const std::string* options = request.Find(kIpxe);
  if (options == nullptr) return true;
  for (size_t at = 0; at + 1 < options->size(); at += 2 + Byte((*options)[at + 1])) {
    if (Byte((*options)[at]) == kIpxeHttpFeature) return true;
  }
  return false;
}

// The makers' prefixes of the Raspberry Pi; before its EEPROM has set a GUID nothing else tells it from a PC.
bool HasRaspberryPiMac(const firesteel::MacAddress& mac) {
  constexpr std::array<std::array<uint8_t, 3>, 6> kPrefixes = {{{0xb8, 0x27, 0xeb}, {0xdc, 0xa6, 0x32},
                                                                {0xe4, 0x5f, 0x01}, {0x28, 0xcd, 0xc1},
                                                                {0xd8, 0x3a, 0xdd}, {0x2c, 0xcf, 0x67}}};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](const auto& prefix) {
    return std::equal(prefix.begin(), prefix.end(), mac.bytes().begin());
  });
}

bool HasRaspberryPiGuid(const std::string* id) {
  return id != nullptr && id->size() == 17 && (id->substr(1, 4) == "RPi4" || id->substr(1, 4) == "RPi5");
}

std::optional<Firmware> PxeFirmware(const Packet& request, uint16_t architecture) {
  switch (architecture) {
    case kX86Bios: {
      const bool pi = HasRaspberryPiMac(request.mac) || HasRaspberryPiGuid(request.Find(kClientMachineId));
      return pi ? Firmware::kRaspberryPi : Firmware::kBios;
    }
    case kX64Uefi:
    case kByteCode: return Firmware::kEfiAmd64;
    case kArm64Uefi: return Firmware::kEfiArm64;
    case kArm64Uboot: return Firmware::kUbootArm64;
    case kArmRpiboot: return Firmware::kRaspberryPi;
    default: return std::nullopt;
  }
}

std::optional<Firmware> HttpFirmware(uint16_t architecture) {
  switch (architecture) {
    case kX64UefiHttp:
    case kByteCodeHttp: return Firmware::kHttpAmd64;
    case kArm64UefiHttp:
    case kArm64UbootHttp: return Firmware::kHttpArm64;
    default: return std::nullopt;
  }
}

// U-Boot's default vendor class, "U-Boot.armv8"; it names an architecture where it is built for PXE.
bool IsUboot(const Packet& request) {
  return StartsWith(request.Find(kVendorClass), "U-Boot") && request.Find(kClientArchitecture) != nullptr;
}

bool IsHttpClient(const Packet& request) { return StartsWith(request.Find(kVendorClass), "HTTPClient"); }

}  // namespace

std::string ArchitectureName(uint16_t number) {
  return number < kArchitectureNames.size() ? kArchitectureNames[number] : "architecture " + std::to_string(number);
}

// The architectures of option 93; where that is missing, the one that the vendor class names.
std::vector<uint16_t> Architectures(const Packet& request) {
  std::vector<uint16_t> all;
  if (const std::string* list = request.Find(kClientArchitecture)) {
    for (size_t i = 0; i + 1 < list->size(); i += 2) {
      all.push_back(static_cast<uint16_t>(Byte((*list)[i]) << 8 | Byte((*list)[i + 1])));
    }
    return all;
  }
  const std::string* vendor_class = request.Find(kVendorClass);
  const size_t at = vendor_class == nullptr ? std::string::npos : vendor_class->find(":Arch:");
  if (at == std::string::npos || vendor_class->size() < at + 11) return all;
  const std::string digits = vendor_class->substr(at + 6, 5);
  if (digits.find_first_not_of("0123456789") != std::string::npos) return all;
  all.push_back(static_cast<uint16_t>(std::stoul(digits)));
  return all;
}

const char* FirmwareName(Firmware firmware) {
  switch (firmware) {
    case Firmware::kBios: return "bios";
    case Firmware::kEfiAmd64: return "uefi-amd64";
    case Firmware::kEfiArm64: return "uefi-arm64";
    case Firmware::kHttpAmd64: return "uefi-http-amd64";
    case Firmware::kHttpArm64: return "uefi-http-arm64";
    case Firmware::kIpxe: return "ipxe";
    case Firmware::kRaspberryPi: return "raspberry-pi";
    case Firmware::kUbootArm64: return "u-boot-arm64";
  }
  return "bios";
}

bool AsksToBoot(const Packet& request) {
  return IsHttpClient(request) || StartsWith(request.Find(kVendorClass), "PXEClient") || IsUboot(request);
}

std::optional<Firmware> Classify(const Packet& request) {
  if (!AsksToBoot(request)) return std::nullopt;
  const bool http = IsHttpClient(request);
  if (HasIpxeUserClass(request) && IpxeHasHttp(request)) return Firmware::kIpxe;
  for (const uint16_t architecture : Architectures(request)) {
    const std::optional<Firmware> firmware = http ? HttpFirmware(architecture) : PxeFirmware(request, architecture);
    if (firmware) return firmware;
  }
  return std::nullopt;
}

std::vector<std::string> RaspberryPiSerials(const Packet& request) {
  const std::string* id = request.Find(kClientMachineId);
  if (id == nullptr || id->size() != 17) return {};
  const std::string last = id->substr(13);
  if (!HasRaspberryPiGuid(id) && id->substr(1, 12) != last + last + last) return {};
  return {firesteel::HexEncode(last), firesteel::HexEncode(std::string(last.rbegin(), last.rend()))};
}

}  // namespace bootd::dhcp
