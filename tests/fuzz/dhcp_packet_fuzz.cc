// Whatever comes in on a DHCP port: the parser, the classifier and the answers must stand it, and what
// was understood must be understood again after it was written.
#include <cstdint>
#include <cstdlib>

#include "bootd/dhcp/answer.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

// Everything but parts of unequal length in one option, which are joined.
void CheckRoundTrip(const bootd::dhcp::Packet& packet) {
  const auto again = bootd::dhcp::ParsePacket(bootd::dhcp::EncodePacket(packet));
  if (!again.ok()) return;  // options of 1500 bytes that came in pieces may not fit again
  Require(again->mac == packet.mac && again->options == packet.options && again->transaction == packet.transaction);
}

void CheckAnswers(const bootd::dhcp::Packet& packet) {
  const bootd::dhcp::Config config{"http://10.0.0.1", 0, {}};
  for (const auto port : {bootd::dhcp::Port::kDhcp, bootd::dhcp::Port::kPxe}) {
    const bootd::dhcp::Arrival arrival{port, {0x0a000063, 68}, 0x0a000001};
    const auto answer = bootd::dhcp::Answer(packet, arrival, bootd::core::Serve{}, config);
    const auto* reply = std::get_if<bootd::dhcp::Reply>(&answer);
    if (reply == nullptr) continue;
    Require(reply->packet.yours == 0 && reply->packet.reply && reply->packet.mac == packet.mac);
    CheckRoundTrip(reply->packet);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto packet = bootd::dhcp::ParsePacket({reinterpret_cast<const char*>(data), size});
  if (!packet.ok()) return 0;
  CheckRoundTrip(*packet);
  CheckAnswers(*packet);
  static_cast<void>(bootd::dhcp::RaspberryPiSerials(*packet));
  return 0;
}
