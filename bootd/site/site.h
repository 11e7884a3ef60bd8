// What each path and file name means: HTTP routes and TFTP names onto the boot decision. Thin: it
// asks core, renders, and writes down what was seen.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "bootd/artifacts/asset_root.h"
#include "bootd/artifacts/mirror.h"
#include "bootd/core/boot_table.h"
#include "bootd/core/decision.h"
#include "bootd/core/delivery_log.h"
#include "bootd/core/event_log.h"
#include "bootd/core/loader_chain.h"
#include "bootd/core/metrics.h"
#include "bootd/http/message.h"
#include "bootd/tftp/server.h"

namespace bootd::site {

// All outlive the Site. `mirror` is null when bootd is a plain file server.
struct Parts {
  core::BootTable& table;
  core::EventLog& events;
  core::DeliveryLog& deliveries;
  core::LoaderChain& chain;
  core::Metrics& metrics;
  const artifacts::AssetRoot& assets;
  const artifacts::Mirror* mirror;
  const firesteel::Clock& clock;
  std::string http_base_url;   // "http://10.0.0.1"
  std::string https_base_url;
  std::string ca_pem;          // pinned in stage 1
};

// Thread-safe.
class Site {
 public:
  explicit Site(Parts parts) : parts_(std::move(parts)) {}

  http::Reply HandleHttp(const http::Request& request);
  std::variant<core::FileContent, core::BytesContent, tftp::Refused> HandleTftp(const tftp::Request& request);

 private:
  using Event = firesteel::contract::BootEvent;
  using EventKind = firesteel::contract::EventKind;

  http::Reply Script(const http::Request& request, const std::string& mac);
  http::Reply Stage1(const http::Request& request, const std::string& mac);
  http::Reply Stage2(const http::Request& request, const std::string& mac);
  http::Reply TakeReport(const http::Request& request, const std::string& mac);
  http::Reply ArtifactFile(const http::Request& request, const std::string& name);
  http::Reply Refused(const http::Request& request, const core::EntryPtr& entry, core::Refusal refusal);
  http::Reply NotReady(const http::Request& request, const core::EntryPtr& entry, const std::string& reason);

  // nullptr = unknown; then the event is written down.
  core::EntryPtr FindEntry(const http::Request& request, const std::string& mac);
  core::Decision Ask(const core::EntryPtr& entry, core::Resource resource, const http::Request& request) const;
  bool Delivered(const firesteel::contract::BootEntry& entry) const;
  void Saw(EventKind kind, const core::EntryPtr& entry, const http::Request& request, std::string detail);
  // Which machine has this address, by its last boot script: kernels are fetched without a MAC.
  void RememberClient(const std::string& ip, const core::EntryPtr& entry);
  core::EntryPtr EntryOfClient(const std::string& ip);

  const Parts parts_;
  std::mutex mutex_;
  std::map<std::string, firesteel::MacAddress> clients_;  // guarded by mutex_; bounded
};

}  // namespace bootd::site
