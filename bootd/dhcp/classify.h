// Which machines ask to be booted, and what they can load. Pure.
//
// Architecture numbers: IANA, "Dynamic Host Configuration Protocol for IPv6 (DHCPv6)", registry "Processor
// Architecture Types" (https://www.iana.org/assignments/dhcpv6-parameters), which RFC 5970 §3.3 made and DHCPv4's
// option 93 (RFC 4578 §2.1) uses as well.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bootd/dhcp/packet.h"

namespace bootd::dhcp {

enum class Firmware {
  kBios,         // PXE, loads by TFTP
  kEfiAmd64,     // UEFI PXE, loads by TFTP
  kEfiArm64,
  kHttpAmd64,    // UEFI HTTP Boot, loads a URL
  kHttpArm64,
  kIpxe,         // iPXE itself: loads a script
  kRaspberryPi,  // its boot ROM or EEPROM: knows by itself which files it wants
  kUbootArm64,   // U-Boot's dhcp and pxe commands: it starts an EFI program, or asks for pxelinux.cfg/01-<mac> beside it
};
const char* FirmwareName(Firmware firmware);  // "uefi-amd64": stable, for metrics and events

// By its vendor class: "PXEClient…", "HTTPClient…", and U-Boot's own with an architecture.
bool AsksToBoot(const Packet& request);

// What the architecture number is called in IANA's registry; "architecture 99" for one that is not in it.
std::string ArchitectureName(uint16_t number);

// The architectures of option 93; where that is missing, the one that the vendor class names.
std::vector<uint16_t> Architectures(const Packet& request);

// nullopt = it does not ask to be booted, or no loader that bootd names runs on it. iPXE is known by its user class,
// unless its own options say that it has no HTTP: then it gets a loader, an iPXE that has.
std::optional<Firmware> Classify(const Packet& request);

// What may be the serial number that names a Raspberry Pi's TFTP folder ("9ffefdef"), by its GUID: "RPi4"
// or "RPi5", revision, MAC, serial; of older ones four times the serial. In both byte orders, since the
// documentation does not say which is meant; empty where it has no such GUID.
// https://www.raspberrypi.com/documentation/computers/raspberry-pi.html#DHCP_OPTION97
std::vector<std::string> RaspberryPiSerials(const Packet& request);

}  // namespace bootd::dhcp
