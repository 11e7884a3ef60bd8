// The two stages of a machine's Ignition configuration: GET /ignition/<mac> and /ignition/<mac>/stage2.
#pragma once

#include <memory>
#include <mutex>

#include "bootd/core/delivery_turns.h"
#include "bootd/render/ignition_stage1.h"
#include "bootd/router/machines.h"

namespace bootd::router {

// Thread-safe.
class IgnitionFiles {
 public:
  IgnitionFiles(const Parts& parts, Machines& machines);

  // Counts from the next stage 1 on.
  void PinAuthority(const std::string& ca_pem);

  http::Reply Stage1(const http::Request& request, std::string_view mac);
  http::Reply Stage2(const http::Request& request, std::string_view mac);

 private:
  http::Reply NoStage2(const http::Request& request, const core::EntryPtr& entry, const core::Decision& decision);
  http::Reply Deliver(const core::EntryPtr& entry, const std::string& client_ip);
  void Delivered(const core::EntryPtr& entry, const std::string& client_ip, bool complete);

  const Parts& parts_;
  Machines& machines_;
  core::DeliveryTurns turns_;
  std::mutex mutex_;
  std::shared_ptr<const render::IgnitionStage1> stage1_;  // guarded by mutex_
};

}  // namespace bootd::router
