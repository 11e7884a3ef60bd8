// The kernel arguments that give Flatcar's initramfs a static address, for a network without DHCP: the
// machine fetches its Ignition configuration there. Pure.
//
// Two programs read ip= there. Until August 2026 a script of Flatcar's own did (bootengine's
// parse-ip-for-networkd.sh, with dracut's ip_to_var): it knows no ifname=, vlan= or bond=, keeps one address
// of a NIC, and without a NIC's name gives the address to the loopback interface too. Later releases use
// systemd-network-generator. Both write the name into a [Match] Name=, which finds a NIC by its alternative
// names as well: since systemd 256 "enx" and the MAC address that is burnt in is one of them. So a NIC that is
// known by its MAC address is called by that name, and nothing is renamed.
// https://www.freedesktop.org/software/systemd/man/latest/systemd-network-generator.service.html
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"

namespace firesteel::plan {

// With network.initrd static: ip= of one interface. That is the interface of the NIC that the machine boots
// from, because bootd is reached there; else the first interface with a gateway; else the first with an
// address. A bond's address goes to one of its NICs: the firmware reached bootd through one as well. Empty
// with DHCP and where InitrdProblem() says something.
std::vector<std::string> InitrdNetwork(const api::BareMetalHost& host);

// Why Flatcar `os_version` cannot give its initramfs the static address that the host asks for, and what to
// do; "" = it can, or the host uses DHCP there.
std::string InitrdProblem(const api::BareMetalHost& host, const std::string& os_version);

}  // namespace firesteel::plan
