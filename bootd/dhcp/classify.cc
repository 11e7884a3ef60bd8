#include "bootd/dhcp/classify.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace bootd::dhcp {
namespace {

constexpr uint8_t kIpxeHttpFeature = 19;
constexpr uint16_t kArchRaspberryPi = 41;

uint8_t Byte(char c) { return static_cast<uint8_t>(c); }

bool StartsWith(const std::string* text, std::string_view prefix) {
  return text != nullptr && text->compare(0, prefix.size(), prefix) == 0;
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

// RFC 3004 puts a length before each class; iPXE does not.
bool HasIpxeUserClass(const Packet& request) {
  const std::string* user_class = request.Find(kUserClass);
  return user_class != nullptr && (*user_class == "iPXE" || *user_class == std::string("\x04iPXE"));
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
    case 0: {
      const bool pi = HasRaspberryPiMac(request.mac) || HasRaspberryPiGuid(request.Find(kClientMachineId));
      return pi ? Firmware::kRaspberryPi : Firmware::kBios;
    }
    case 7:
    case 9: return Firmware::kEfiAmd64;  // 9 is EBC by the book; firmware says it and means x86-64
    case 11: return Firmware::kEfiArm64;
    case kArchRaspberryPi: return Firmware::kRaspberryPi;
    default: return std::nullopt;
  }
}

std::optional<Firmware> HttpFirmware(uint16_t architecture) {
  switch (architecture) {
    case 16: return Firmware::kHttpAmd64;
    case 19: return Firmware::kHttpArm64;
    default: return std::nullopt;
  }
}

}  // namespace

const char* FirmwareName(Firmware firmware) {
  switch (firmware) {
    case Firmware::kBios: return "bios";
    case Firmware::kEfiAmd64: return "uefi-amd64";
    case Firmware::kEfiArm64: return "uefi-arm64";
    case Firmware::kHttpAmd64: return "uefi-http-amd64";
    case Firmware::kHttpArm64: return "uefi-http-arm64";
    case Firmware::kIpxe: return "ipxe";
    case Firmware::kRaspberryPi: return "raspberry-pi";
  }
  return "bios";
}

std::optional<Firmware> Classify(const Packet& request) {
  const std::string* vendor_class = request.Find(kVendorClass);
  const bool http = StartsWith(vendor_class, "HTTPClient");
  if (!http && !StartsWith(vendor_class, "PXEClient")) return std::nullopt;
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
