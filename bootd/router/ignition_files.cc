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
  const auto ask = [&] { return machines_.Ask(entry, core::Resource::kIgnitionStage2, request); };
  Decision decision = ask();
  if (!std::holds_alternative<core::Serve>(decision)) return NoStage2(request, entry, decision);
  // A HEAD has no body, so it delivers nothing.
  if (request.method == http::Method::kHead) return BytesReply(entry->ignition->stage2, "application/json");
  const std::string client_ip(request.client_ip);
  if (!turns_.Begin(entry->boot_id, client_ip, parts_.clock.Monotonic())) {
    return machines_.Refused(request, entry, core::Refusal::kBeingDelivered);
  }
  // The transfer before this one may have ended, whole, since the decision was made.
  decision = ask();
  if (std::holds_alternative<core::Serve>(decision)) return Deliver(entry, client_ip);
  turns_.End(entry->boot_id, parts_.clock.Monotonic());
  return NoStage2(request, entry, decision);
}

http::Reply IgnitionFiles::NoStage2(const http::Request& request, const EntryPtr& entry, const Decision& decision) {
  if (const auto* refuse = std::get_if<core::Refuse>(&decision)) return machines_.Refused(request, entry, refuse->refusal);
  const auto* wait = std::get_if<core::NotReady>(&decision);
  return machines_.NotReady(request, entry, wait != nullptr ? wait->reason : "not now");
}

http::Reply IgnitionFiles::Deliver(const EntryPtr& entry, const std::string& client_ip) {
  http::Reply reply = BytesReply(entry->ignition->stage2, "application/json",
                                 [this, entry, client_ip](bool complete) { Delivered(entry, client_ip, complete); });
  std::get<core::BytesContent>(reply.content).time_limit = core::DeliveryTurns::kTimeLimit;
  return reply;
}

void IgnitionFiles::Delivered(const EntryPtr& entry, const std::string& client_ip, bool complete) {
  if (complete) {
    const firesteel::Status kept = parts_.deliveries.Add(entry->boot_id);
    if (!kept.ok()) firesteel::LogError("delivery not written down", {{"error", kept.error().message}});
  } else {
    firesteel::LogWarning("delivery broken off", {{"host", entry->id}, {"client", client_ip}});
  }
  machines_.Saw(complete ? EventKind::kIgnitionDelivered : EventKind::kIgnitionBroken, entry, client_ip, "");
  // Last: until it is written down, nobody else may begin.
  turns_.End(entry->boot_id, parts_.clock.Monotonic());
}

}  // namespace bootd::router
