#include "bootd/router/loader_configs.h"

#include "bootd/render/grub.h"
#include "bootd/render/pxelinux.h"

namespace bootd::router {
namespace {

using core::EntryPtr;
using firesteel::MacAddress;
using firesteel::contract::BootEntry;

core::BytesContent Text(std::string text) { return {std::move(text), "text/plain", {}}; }

render::PxelinuxSource PxelinuxSourceOf(const MacAddress& mac, bool by_tftp, const std::string& base_url) {
  // "::" is the TFTP server's root, wherever the loader lay.
  const std::string root = by_tftp ? "::" : base_url + "/";
  return {root + "artifacts/", root + "pxelinux.cfg/01-" + mac.ToHyphens()};
}

struct Question {
  ConfigKind kind;
  bool by_tftp;
  std::string base_url;
};

std::string HoldConfig(const Question& q, const BootEntry& entry, const std::string& reason) {
  if (q.kind == ConfigKind::kGrub) return render::GrubHoldConfig(entry, reason);
  return render::PxelinuxHoldConfig(entry, reason, PxelinuxSourceOf(entry.mac, q.by_tftp, q.base_url));
}

std::string LocalBootConfig(const Question& q, const BootEntry& entry) {
  return q.kind == ConfigKind::kGrub ? render::GrubLocalBootConfig(entry) : render::PxelinuxLocalBootConfig(entry);
}

std::string BootConfig(const Question& q, const BootEntry& entry) {
  if (q.kind == ConfigKind::kGrub) return render::GrubBootConfig(entry, q.base_url);
  return render::PxelinuxBootConfig(entry, PxelinuxSourceOf(entry.mac, q.by_tftp, q.base_url), q.base_url);
}

}  // namespace

std::optional<core::BytesContent> LoaderConfigs::OfMachine(const MachineConfig& config, const http::Request& request,
                                                           bool by_tftp) {
  const EntryPtr entry = machines_.Find(request.client_ip, config.mac.ToHyphens());
  const core::Decision decision = machines_.Ask(entry, core::Resource::kScript, request);
  const Question question{config.kind, by_tftp, parts_.http_base_url};
  if (std::holds_alternative<core::Refuse>(decision)) return std::nullopt;
  if (const auto* wait = std::get_if<core::NotReady>(&decision)) {
    return Text(HoldConfig(question, entry ? *entry : Nameless(config.mac), wait->reason));
  }
  machines_.BootedOn(request, entry);
  if (std::holds_alternative<core::LocalBoot>(decision)) return Text(LocalBootConfig(question, *entry));
  const auto* hold = std::get_if<core::Hold>(&decision);
  machines_.SawScript(request, entry, hold);
  if (hold != nullptr) return Text(HoldConfig(question, *entry, hold->reason));
  return Text(BootConfig(question, *entry));
}

core::BytesContent LoaderConfigs::OfAnyPxelinux() const { return Text(render::PxelinuxUnknownConfig()); }

core::BytesContent LoaderConfigs::OfAnyGrub() const { return Text(render::GrubChainConfig(parts_.http_base_url)); }

}  // namespace bootd::router
