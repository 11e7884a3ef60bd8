// Stage 1 of a machine's Ignition: where stage 2 is, how to know that it is the right one, and the one
// secret that opens it once. https://coreos.github.io/ignition/configuration-v3_3/
#pragma once

#include <string>

#include "proto/boot_entry.h"

namespace bootd::render {

// `https_base_url`: "https://10.0.0.1"; `ca_pem`: what signed bootd's certificate. Needs entry.ignition.
std::string IgnitionStage1(const firesteel::contract::BootEntry& entry, const std::string& https_base_url,
                           const std::string& ca_pem);

}  // namespace bootd::render
