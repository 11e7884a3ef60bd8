// The firmware files of Raspberry Pis: each asks for them in a folder named by its serial number or MAC address.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "bootd/router/boot_files.h"
#include "bootd/router/machines.h"

namespace bootd::router {

// Thread-safe.
class RaspberryPis {
 public:
  RaspberryPis(const Parts& parts, Machines& machines) : parts_(parts), machines_(machines) {}

  LoaderFile Firmware(const RaspberryPiFile& file, const http::Request& request);
  // A DHCP request tells which serial number has which MAC address.
  void RememberSerials(const dhcp::Packet& packet);

 private:
  std::optional<firesteel::MacAddress> MacOf(const std::string& machine);

  const Parts& parts_;
  Machines& machines_;
  std::mutex mutex_;
  std::map<std::string, firesteel::MacAddress> serials_;  // guarded by mutex_; bounded
};

}  // namespace bootd::router
