// bootd's parts, wired together; the only file that names them all.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "bootd/artifacts/asset_root.h"
#include "bootd/artifacts/mirror.h"
#include "bootd/core/boot_table.h"
#include "bootd/core/delivery_log.h"
#include "bootd/core/event_log.h"
#include "bootd/core/loader_chain.h"
#include "bootd/core/metrics.h"
#include "bootd/health.h"
#include "bootd/options.h"
#include "bootd/router/router.h"
#include "bootd/rpc/core_backend.h"
#include "bootd/rpc/server.h"
#include "bootd/servers.h"

namespace bootd {

class Daemon {
 public:
  explicit Daemon(Options options);

  // Ports are bound first, because only that needs a privilege; it is given up before any thread starts.
  firesteel::Status Start();

  // Call it now and then. A renewed authority is pinned from the next machine on; HTTPS and gRPC look at their files
  // themselves.
  void FollowAuthority();

 private:
  firesteel::Status OpenPorts();
  firesteel::Status OpenData();
  firesteel::Status MakeRouter();
  firesteel::Status StartRpc();

  const Options options_;
  const artifacts::AssetRoot assets_;
  core::BootTable table_;
  core::EventLog events_;
  core::LoaderChain chain_;
  core::Metrics metrics_;
  std::string ca_pem_;
  std::string http_base_url_;
  std::string https_base_url_;
  std::unique_ptr<core::DeliveryLog> deliveries_;
  std::unique_ptr<core::InstallLog> installs_;
  std::unique_ptr<artifacts::Mirror> mirror_;
  std::unique_ptr<router::Router> router_;
  const Health health_;
  Servers servers_;  // after what their handlers use
  std::unique_ptr<rpc::CoreBackend> backend_;
  std::unique_ptr<rpc::Server> rpc_;
};

}  // namespace bootd
