// Which machines ask to be booted, and what they can load. Pure.
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
};
const char* FirmwareName(Firmware firmware);  // "uefi-amd64": stable, for metrics and events

// nullopt = it does not ask to be booted, or in a way that nothing here can serve. By the vendor class
// (PXEClient, HTTPClient) and the processor architecture (IANA "Processor Architecture Types",
// RFC 4578 §2.1); iPXE by its user class or its own options, unless it says that it has no HTTP:
// then it shall load an iPXE that has.
std::optional<Firmware> Classify(const Packet& request);

// What may be the serial number that names a Raspberry Pi's TFTP folder ("9ffefdef"), by its GUID: "RPi4"
// or "RPi5", revision, MAC, serial; of older ones four times the serial. In both byte orders, since the
// documentation does not say which is meant; empty where it has no such GUID.
// https://www.raspberrypi.com/documentation/computers/raspberry-pi.html#DHCP_OPTION97
std::vector<std::string> RaspberryPiSerials(const Packet& request);

}  // namespace bootd::dhcp
