// Stage 1 of a machine's Ignition configuration: where stage 2 is, its checksum, and the token that fetches it once. https://coreos.github.io/ignition/configuration-v3_3/
#pragma once

#include <string>
#include <vector>

#include "proto/boot_entry.h"

namespace bootd::render {

// The part that is the same for all machines is rendered once: a rack that starts asks for hundreds of them a second.
// Thread-safe.
class IgnitionStage1 {
 public:
  // `https_base_url`: "https://10.0.0.1"; `ca_pem`: what signed bootd's certificate.
  IgnitionStage1(const std::string& https_base_url, const std::string& ca_pem);

  // Needs entry.ignition.
  std::string Render(const firesteel::contract::BootEntry& entry) const;

 private:
  // The document, cut where a machine's own values stand.
  std::vector<std::string> parts_;
};

}  // namespace bootd::render
