// What each path, file name and DHCP request means: HTTP routes, TFTP names and offers onto the boot
// decision. Thin: it asks core, renders, and writes down what was seen.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "bootd/artifacts/asset_root.h"
#include "bootd/artifacts/mirror.h"
#include "bootd/core/boot_table.h"
#include "bootd/core/decision.h"
#include "bootd/core/delivery_log.h"
#include "bootd/core/event_log.h"
#include "bootd/core/loader_chain.h"
#include "bootd/core/metrics.h"
#include "bootd/core/repeat_filter.h"
#include "bootd/dhcp/answer.h"
#include "bootd/dhcp/rate_limit.h"
#include "bootd/http/message.h"
#include "bootd/render/ignition_stage1.h"
#include "bootd/site/boot_files.h"
#include "bootd/tftp/server.h"

namespace bootd::site {

// All outlive the Site. `mirror` is null when bootd is a plain file server.
struct Parts {
  core::BootTable& table;
  core::EventLog& events;
  core::DeliveryLog& deliveries;
  core::InstallLog& installs;
  core::LoaderChain& chain;
  core::Metrics& metrics;
  const artifacts::AssetRoot& assets;
  const artifacts::Mirror* mirror;
  const firesteel::Clock& clock;
  std::string http_base_url;   // "http://10.0.0.1"
  std::string https_base_url;
  std::string ca_pem;          // pinned in stage 1, until PinAuthority
  dhcp::Config dhcp = {};
};

// Thread-safe.
class Site {
 public:
  explicit Site(Parts parts) : parts_(std::move(parts)) { PinAuthority(parts_.ca_pem); }

  // From the next stage 1 on.
  void PinAuthority(const std::string& ca_pem);

  http::Reply HandleHttp(const http::Request& request);
  using TftpContent = std::variant<core::FileContent, core::BytesContent, tftp::Refused>;
  TftpContent HandleTftp(const tftp::Request& request);
  // nullopt = say nothing. For one thread only.
  std::optional<dhcp::Reply> HandleDhcp(const dhcp::Packet& packet, const dhcp::Arrival& arrival);

 private:
  using Event = firesteel::contract::BootEvent;
  using EventKind = firesteel::contract::EventKind;

  // What a loader gets under a name that it made itself. NoSuchFile = nothing, whatever --assets-dir holds.
  struct NoSuchFile {};
  using LoaderFile = std::variant<core::FileContent, core::BytesContent, NoSuchFile>;
  std::optional<LoaderFile> FindLoaderFile(const std::string& path, const http::Request& request, bool by_tftp);
  std::optional<LoaderFile> Config(const MachineConfig& config, const http::Request& request, bool by_tftp);
  LoaderFile Firmware(const std::string& machine, const std::string& file, const http::Request& request);
  std::optional<firesteel::MacAddress> MacOfRaspberryPi(const std::string& machine);
  void RememberSerials(const dhcp::Packet& packet);

  std::optional<http::Reply> LoaderReply(const http::Request& request);
  http::Reply Script(const http::Request& request, std::string_view mac);
  http::Reply Stage1(const http::Request& request, std::string_view mac);
  http::Reply Stage2(const http::Request& request, std::string_view mac);
  http::Reply TakeReport(const http::Request& request, std::string_view mac);
  http::Reply ArtifactFile(const http::Request& request, std::string_view name);
  http::Reply ArtifactSums(const http::Request& request, std::string_view folder);
  TftpContent TftpArtifact(const http::Request& from, const std::string& name);
  TftpContent TftpLoader(const http::Request& from, const std::string& file);
  tftp::Refused NotFound(const http::Request& from);
  http::Reply Refused(const http::Request& request, const core::EntryPtr& entry, core::Refusal refusal);
  http::Reply NotReady(const http::Request& request, const core::EntryPtr& entry, const std::string& reason);

  // nullptr = unknown; then the event is written down.
  core::EntryPtr FindEntry(const http::Request& request, std::string_view mac);
  core::Decision Ask(const core::EntryPtr& entry, core::Resource resource, const http::Request& request) const;
  bool Delivered(const firesteel::contract::BootEntry& entry) const;
  bool Installed(const firesteel::contract::BootEntry& entry) const;
  void NoteInstall(const firesteel::contract::BootEntry& entry, const firesteel::contract::Report& report);
  // That its script, or configuration, was given out: the one that boots it, or that of a hold. A HEAD boots nothing.
  void SawScript(const http::Request& request, const core::EntryPtr& entry, const core::Hold* hold);
  void Saw(EventKind kind, const core::EntryPtr& entry, std::string_view client_ip, std::string detail);
  // Which machine has this address, by its last boot script: kernels are fetched without a MAC.
  void RememberClient(std::string_view ip, const core::EntryPtr& entry);
  core::EntryPtr EntryOfClient(std::string_view ip);

  bool MayReport(const firesteel::MacAddress& mac);
  bool IsNewOffence(std::string_view client_ip, std::string_view what);

  const Parts parts_;
  std::mutex mutex_;
  std::shared_ptr<const render::IgnitionStage1> stage1_;  // guarded by mutex_
  core::RepeatFilter offences_{std::chrono::seconds(60), 8192};  // guarded by mutex_
  std::map<std::string, firesteel::MacAddress, std::less<>> clients_;  // guarded by mutex_; bounded
  std::map<std::string, firesteel::MacAddress> serials_;  // guarded by mutex_; bounded; of Raspberry Pis
  // A bootstrap has some twenty steps: a machine that tells more would push out what others told.
  dhcp::RateLimit reports_{60, std::chrono::seconds(60)};  // guarded by mutex_
  // A boot takes about six requests; a machine that gets no answer repeats itself for a minute.
  dhcp::RateLimit offers_{20, std::chrono::seconds(10)};
};

}  // namespace bootd::site
