// The site's answers to DHCP requests and to the names that boot loaders ask for by themselves.
#include "base/log.h"
#include "bootd/render/grub.h"
#include "bootd/render/pxelinux.h"
#include "bootd/site/boot_files.h"
#include "bootd/site/site.h"

namespace bootd::site {
namespace {

using core::Decision;
using core::EntryPtr;
using core::Resource;
using firesteel::MacAddress;
using firesteel::contract::BootEntry;

constexpr size_t kMaxSerials = 10000;
constexpr char kRaspberryPiFolder[] = "raspberrypi/";  // of --assets-dir

core::BytesContent Text(std::string text) { return {std::move(text), "text/plain", {}}; }

// A machine that no entry names yet, so that it can be told to wait.
BootEntry Nameless(const MacAddress& mac) {
  BootEntry entry;
  entry.id = mac.ToString();
  entry.mac = mac;
  return entry;
}

render::PxelinuxSource PxelinuxSourceOf(const MacAddress& mac, bool by_tftp, const std::string& base_url) {
  // "::" is the TFTP server's root, wherever the loader lay.
  const std::string root = by_tftp ? "::" : base_url + "/";
  return {root + "artifacts/", root + "pxelinux.cfg/01-" + mac.ToHyphens()};
}

struct ConfigQuestion {
  ConfigKind kind;
  bool by_tftp;
  std::string base_url;
};

std::string HoldConfig(const ConfigQuestion& q, const BootEntry& entry, const std::string& reason) {
  if (q.kind == ConfigKind::kGrub) return render::GrubHoldConfig(entry, reason);
  return render::PxelinuxHoldConfig(entry, reason, PxelinuxSourceOf(entry.mac, q.by_tftp, q.base_url));
}

std::string LocalBootConfig(const ConfigQuestion& q, const BootEntry& entry) {
  return q.kind == ConfigKind::kGrub ? render::GrubLocalBootConfig(entry) : render::PxelinuxLocalBootConfig(entry);
}

std::string BootConfig(const ConfigQuestion& q, const BootEntry& entry) {
  if (q.kind == ConfigKind::kGrub) return render::GrubBootConfig(entry, q.base_url);
  return render::PxelinuxBootConfig(entry, PxelinuxSourceOf(entry.mac, q.by_tftp, q.base_url), q.base_url);
}

}  // namespace

std::optional<dhcp::Reply> Site::HandleDhcp(const dhcp::Packet& packet, const dhcp::Arrival& arrival) {
  const auto silent = [this](dhcp::Silence silence) {
    parts_.metrics.Count("bootd_dhcp_silent_total", std::string("reason=\"") + dhcp::SilenceName(silence) + "\"");
    return std::nullopt;
  };
  if (const std::optional<dhcp::Silence> silence = dhcp::Irrelevance(packet, arrival)) return silent(*silence);
  // Strangers share one allowance: they can have any number of addresses.
  const MacAddress payer = parts_.table.Find(packet.mac) == nullptr ? MacAddress() : packet.mac;
  if (!offers_.Allow(payer, parts_.clock.Monotonic())) return silent(dhcp::Silence::kTooOften);
  const std::string client_ip = packet.client == 0 ? "" : dhcp::Ipv4Text(packet.client);
  http::Request request;
  request.client_ip = client_ip;
  const EntryPtr entry = FindEntry(request, packet.mac.ToHyphens());
  const auto answer = dhcp::Answer(packet, arrival, Ask(entry, Resource::kOffer, request), parts_.dhcp);
  if (const auto* silence = std::get_if<dhcp::Silence>(&answer)) return silent(*silence);
  const auto& reply = std::get<dhcp::Reply>(answer);
  const std::string firmware = dhcp::FirmwareName(reply.firmware);
  parts_.metrics.Count("bootd_dhcp_offers_total", "firmware=\"" + firmware + "\"");
  const std::string& file = reply.packet.boot_file;
  firesteel::LogInfo("offer", {{"host", entry->id}, {"firmware", firmware}, {"file", file}});
  Saw(EventKind::kOffer, entry, request.client_ip, firmware + (file.empty() ? "" : " " + file));
  RememberSerials(packet);
  return reply;
}

void Site::RememberSerials(const dhcp::Packet& packet) {
  std::lock_guard lock(mutex_);
  if (serials_.size() >= kMaxSerials) serials_.clear();
  for (const std::string& serial : dhcp::RaspberryPiSerials(packet)) serials_[serial] = packet.mac;
}

std::optional<Site::LoaderFile> Site::FindLoaderFile(const std::string& path, const http::Request& request, bool by_tftp) {
  const std::optional<BootFile> file = ParseBootFile(path);
  if (!file) return std::nullopt;
  if (const auto* pi = std::get_if<RaspberryPiFile>(&*file)) return Firmware(pi->machine, pi->file, request);
  if (const auto* config = std::get_if<MachineConfig>(&*file)) return Config(*config, request, by_tftp);
  if (parts_.assets.Find(path)) return std::nullopt;  // the operator's own
  return Text(render::GrubChainConfig(parts_.http_base_url));
}

std::optional<Site::LoaderFile> Site::Config(const MachineConfig& config, const http::Request& request, bool by_tftp) {
  const EntryPtr entry = FindEntry(request, config.mac.ToHyphens());
  const Decision decision = Ask(entry, Resource::kScript, request);
  const ConfigQuestion question{config.kind, by_tftp, parts_.http_base_url};
  if (std::holds_alternative<core::Refuse>(decision)) return std::nullopt;  // perhaps the operator has one
  if (const auto* wait = std::get_if<core::NotReady>(&decision)) {
    return Text(HoldConfig(question, entry ? *entry : Nameless(config.mac), wait->reason));
  }
  if (std::holds_alternative<core::LocalBoot>(decision)) return Text(LocalBootConfig(question, *entry));
  const auto* hold = std::get_if<core::Hold>(&decision);
  SawScript(request, entry, hold);
  if (hold != nullptr) return Text(HoldConfig(question, *entry, hold->reason));
  return Text(BootConfig(question, *entry));
}

Site::LoaderFile Site::Firmware(const std::string& machine, const std::string& file, const http::Request& request) {
  const std::optional<MacAddress> mac = MacOfRaspberryPi(machine);
  std::vector<std::string> places = {machine + "/" + file};
  if (mac) {
    const Decision decision = Ask(parts_.table.Find(*mac), Resource::kOffer, request);
    // Its boot order then goes on: to the disk of a machine that is installed.
    if (!std::holds_alternative<core::Serve>(decision) && !std::holds_alternative<core::Hold>(decision)) return NoSuchFile{};
    places.push_back(kRaspberryPiFolder + mac->ToHyphens() + "/" + file);
  }
  // A serial number that no DHCP request told may be any machine's: the firmware is no secret.
  places.push_back(kRaspberryPiFolder + file);
  for (const std::string& place : places) {
    if (std::optional<std::string> path = parts_.assets.Find(place)) return core::FileContent{*path, {}};
  }
  return NoSuchFile{};
}

std::optional<MacAddress> Site::MacOfRaspberryPi(const std::string& machine) {
  const firesteel::Result<MacAddress> mac = MacAddress::Parse(machine);
  if (mac.ok()) return *mac;
  std::lock_guard lock(mutex_);
  const auto it = serials_.find(machine);
  return it == serials_.end() ? std::nullopt : std::optional<MacAddress>(it->second);
}

}  // namespace bootd::site
