// What the router works with. Every part outlives the Router.
#pragma once

#include <string>
#include <variant>

#include "base/clock.h"
#include "bootd/artifacts/asset_root.h"
#include "bootd/artifacts/mirror.h"
#include "bootd/core/boot_table.h"
#include "bootd/core/delivery_log.h"
#include "bootd/core/event_log.h"
#include "bootd/core/loader_chain.h"
#include "bootd/core/metrics.h"
#include "bootd/dhcp/answer.h"
#include "bootd/tftp/server.h"

namespace bootd::router {

struct Parts {
  core::BootTable& table;
  core::EventLog& events;
  core::DeliveryLog& deliveries;
  core::InstallLog& installs;
  core::LoaderChain& chain;
  core::Metrics& metrics;
  const artifacts::AssetRoot& assets;
  const artifacts::Mirror* mirror;  // null when bootd is a plain file server
  const firesteel::Clock& clock;
  std::string http_base_url;  // "http://10.0.0.1"
  std::string https_base_url;
  std::string ca_pem;  // pinned in stage 1, until PinAuthority
  dhcp::Config dhcp = {};
};

using TftpContent = std::variant<core::FileContent, core::BytesContent, tftp::Refused>;

// What a loader gets under a name that the loader made itself. NoSuchFile = nothing, whatever --assets-dir holds.
struct NoSuchFile {};
using LoaderFile = std::variant<core::FileContent, core::BytesContent, NoSuchFile>;

}  // namespace bootd::router
