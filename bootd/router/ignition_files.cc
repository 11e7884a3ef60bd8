#include "bootd/router/ignition_files.h"

#include "base/log.h"
#include "bootd/router/replies.h"

namespace bootd::router {

using core::Decision;
using core::EntryPtr;
using firesteel::contract::EventKind;

IgnitionFiles::IgnitionFiles(const Parts& parts, Machines& machines) : parts_(parts), machines_(machines) {
  PinAuthority(parts_.ca_pem);
}

void IgnitionFiles::PinAuthority(const std::string& ca_pem) {
  auto stage1 = std::make_shared<const render::IgnitionStage1>(parts_.https_base_url, ca_pem);
  const std::lock_guard lock(mutex_);
  stage1_ = std::move(stage1);
}

http::Reply IgnitionFiles::Stage1(const http::Request& request, std::string_view mac) {
  const EntryPtr entry = machines_.Find(request.client_ip, mac);
  const Decision decision = machines_.Ask(entry, core::Resource::kIgnitionStage1, request);
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) return machines_.Refused(request, entry, refuse->refusal);
  if (const auto* wait = std::get_if<core::NotReady>(&decision)) return machines_.NotReady(request, entry, wait->reason);
  machines_.Saw(EventKind::kIgnitionStage1, entry, request.client_ip, "");
  std::shared_ptr<const render::IgnitionStage1> stage1;
  {
    const std::lock_guard lock(mutex_);
    stage1 = stage1_;
  }
  return BytesReply(stage1->Render(*entry), "application/json");
}

http::Reply IgnitionFiles::Stage2(const http::Request& request, std::string_view mac) {
  const EntryPtr entry = machines_.Find(request.client_ip, mac);
  const Decision decision = machines_.Ask(entry, core::Resource::kIgnitionStage2, request);
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) return machines_.Refused(request, entry, refuse->refusal);
  if (const auto* wait = std::get_if<core::NotReady>(&decision)) return machines_.NotReady(request, entry, wait->reason);
  return BytesReply(entry->ignition->stage2, "application/json",
                    [this, entry, client_ip = std::string(request.client_ip)](bool complete) {
                      if (!complete) return;  // a broken transfer may be tried again
                      const firesteel::Status kept = parts_.deliveries.Add(entry->boot_id);
                      if (!kept.ok()) firesteel::LogError("delivery not written down", {{"error", kept.error().message}});
                      machines_.Saw(EventKind::kIgnitionDelivered, entry, client_ip, "");
                    });
}

}  // namespace bootd::router
