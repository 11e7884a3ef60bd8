// The kernel arguments that give an initramfs a static address: only where no DHCP server answers it,
// for a machine that must fetch its Ignition configuration all the same.
// https://www.freedesktop.org/software/systemd/man/latest/systemd-network-generator.service.html
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"

namespace firesteel::plan {

// With network.initrd static: ip= of the first NIC that has an address, no VLAN and no bond; before it
// ifname= where the NIC is found by its MAC address and named. Without a name the address goes to every
// NIC. Empty with DHCP or without such a NIC.
std::vector<std::string> InitrdNetwork(const api::BareMetalHost& host);

}  // namespace firesteel::plan
