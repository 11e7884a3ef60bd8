#include "bootd/router/raspberry_pi.h"

#include "bootd/dhcp/classify.h"

namespace bootd::router {
namespace {

using firesteel::MacAddress;

constexpr size_t kMaxSerials = 10000;
constexpr char kFolder[] = "raspberrypi/";  // of --assets-dir

}  // namespace

void RaspberryPis::RememberSerials(const dhcp::Packet& packet) {
  std::lock_guard lock(mutex_);
  if (serials_.size() >= kMaxSerials) serials_.clear();
  for (const std::string& serial : dhcp::RaspberryPiSerials(packet)) serials_[serial] = packet.mac;
}

LoaderFile RaspberryPis::Firmware(const RaspberryPiFile& wanted, const http::Request& request) {
  std::vector<std::string> places = {wanted.machine + "/" + wanted.file};
  if (const std::optional<MacAddress> mac = MacOf(wanted.machine)) {
    const core::Decision decision = machines_.Ask(parts_.table.Find(*mac), core::Resource::kOffer, request);
    // Without firmware its boot order goes on: to the disk of a machine that is installed.
    if (!std::holds_alternative<core::Serve>(decision) && !std::holds_alternative<core::Hold>(decision)) return NoSuchFile{};
    places.push_back(kFolder + mac->ToHyphens() + "/" + wanted.file);
  }
  // A serial number that no DHCP request told may be the one of any machine: the firmware is no secret.
  places.push_back(kFolder + wanted.file);
  for (const std::string& place : places) {
    if (std::optional<std::string> path = parts_.assets.Find(place)) return core::FileContent{*path, {}};
  }
  return NoSuchFile{};
}

std::optional<MacAddress> RaspberryPis::MacOf(const std::string& machine) {
  const firesteel::Result<MacAddress> mac = MacAddress::Parse(machine);
  if (mac.ok()) return *mac;
  std::lock_guard lock(mutex_);
  const auto it = serials_.find(machine);
  return it == serials_.end() ? std::nullopt : std::optional<MacAddress>(it->second);
}

}  // namespace bootd::router
