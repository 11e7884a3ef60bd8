// A host's static network as systemd-networkd files.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.network.html
#pragma once

#include <string>

#include "controller/api/bare_metal_host.h"

namespace firesteel::render {

std::string NetworkFile(const api::NetworkInterface& interface);

}  // namespace firesteel::render
