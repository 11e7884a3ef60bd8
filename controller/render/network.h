// A host's network as systemd-networkd and udev read it.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.network.html, systemd.netdev, systemd.link
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"

namespace firesteel::render {

struct NetworkFile {
  std::string name;  // in /etc/systemd/network
  std::string content;
  bool operator==(const NetworkFile&) const = default;
};

// One .network an interface, with a .netdev for a VLAN or bond and a .link for a NIC that gets a name.
// A NIC that only carries VLANs or belongs to a bond needs no entry of its own: it gets its .network too,
// without addresses. No interfaces, no files: then the system's own default is DHCP.
std::vector<NetworkFile> NetworkFiles(const std::vector<api::NetworkInterface>& interfaces);

}  // namespace firesteel::render
