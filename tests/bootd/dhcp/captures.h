// What real clients sent (tests/fuzz/corpus/dhcp), captured in tests/e2e/proxydhcp.
#pragma once

#include <string>

#include "base/file.h"
#include "bootd/dhcp/packet.h"

namespace bootd::dhcp {

inline std::string CapturedBytes(const std::string& name) {
  return firesteel::ReadFile(FIRESTEEL_SOURCE_DIR "/tests/fuzz/corpus/dhcp/" + name).value();
}
inline Packet Captured(const std::string& name) { return ParsePacket(CapturedBytes(name)).value(); }

}  // namespace bootd::dhcp
