#include "controller/render/network.h"

namespace firesteel::render {

std::string NetworkFile(const api::NetworkInterface& interface) {
  std::string text = "[Match]\n";
  text += interface.name.empty() ? "MACAddress=" + interface.mac_address : "Name=" + interface.name;
  text += "\n\n[Network]\n";
  for (const std::string& address : interface.addresses) text += "Address=" + address + "\n";
  if (!interface.gateway.empty()) text += "Gateway=" + interface.gateway + "\n";
  for (const std::string& server : interface.nameservers) text += "DNS=" + server + "\n";
  if (interface.addresses.empty()) text += "DHCP=yes\n";
  return text;
}

}  // namespace firesteel::render
