#include "bootd/daemon.h"

#include "base/certificate.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/host_port.h"
#include "base/log.h"
#include "bootd/privileges.h"

namespace bootd {
namespace {

using firesteel::LogInfo;
using firesteel::LogWarning;
using firesteel::Result;
using firesteel::Status;

std::string BaseUrl(const std::string& scheme, const std::string& host, uint16_t port, uint16_t usual) {
  return scheme + "://" + (port == usual ? firesteel::Bracketed(host) : firesteel::HostPort(host, port));
}

void WarnOfMissingLoaders(const Options& options, const artifacts::AssetRoot& assets) {
  if (!options.dhcp) return;
  const dhcp::Loaders& loaders = options.loaders;
  for (const std::string& loader : {loaders.bios, loaders.efi_amd64, loaders.efi_arm64}) {
    if (!assets.Find(loader)) LogWarning("boot loader is not in --assets-dir", {{"file", loader}});
  }
}

}  // namespace

Daemon::Daemon(Options options)
    : options_(std::move(options)),
      assets_(options_.assets_dir),
      health_(metrics_, table_, events_, servers_, options_.tls_cert) {}

Status Daemon::Start() {
  RaiseLowPortRight();
  Status status = OpenPorts();
  if (status.ok()) status = DropPrivileges();
  if (status.ok()) status = OpenData();
  if (status.ok()) status = MakeRouter();
  if (status.ok()) status = StartRpc();
  if (!status.ok()) return status;
  Serve(options_, servers_);
  LogInfo("ready", {{"version", FIRESTEEL_VERSION}});
  return {};
}

// The servers are there before the router; their handlers use it only once they serve.
Status Daemon::OpenPorts() {
  WarnOfMissingLoaders(options_, assets_);
  const Handlers handlers{
      [this](const http::Request& request) { return router_->HandleHttp(request); },
      [this](const http::Request& request) { return health_.Reply(request); },
      [this](const tftp::Request& request) { return router_->HandleTftp(request); },
      [this](const dhcp::Packet& packet, const dhcp::Arrival& arrival) { return router_->HandleDhcp(packet, arrival); }};
  return OpenServers(options_, handlers, metrics_, servers_);
}

Status Daemon::OpenData() {
  for (const auto& [log, name] : {std::pair{&deliveries_, "/deliveries"}, std::pair{&installs_, "/installs"}}) {
    auto opened = core::DeliveryLog::Open(options_.data_dir.empty() ? "" : options_.data_dir + name);
    if (!opened.ok()) return opened.error();
    *log = std::move(*opened);
  }
  if (!options_.grpc) return {};
  auto mirror = artifacts::Mirror::Open(options_.data_dir + "/artifacts", [this](const auto&) { events_.Wake(); });
  if (!mirror.ok()) return mirror.error();
  mirror_ = std::move(*mirror);
  const Result<std::string> ca = firesteel::ReadFile(options_.tls_ca);
  if (!ca.ok()) return ca.error();
  ca_pem_ = *ca;
  return {};
}

Status Daemon::MakeRouter() {
  const uint16_t http_port = options_.http ? options_.http->port : 0;
  const uint16_t https_port = options_.https ? options_.https->port : 0;
  http_base_url_ = BaseUrl("http", options_.advertise_address, http_port, 80);
  https_base_url_ = BaseUrl("https", options_.advertise_address, https_port, 443);
  if (options_.grpc && (http_port == 0 || https_port == 0)) {
    return firesteel::InvalidArgument("with --grpc-listen the HTTP and HTTPS ports cannot be 0: machines are told them");
  }
  const dhcp::Config dhcp{http_base_url_, dhcp::ParseIpv4(options_.advertise_address).value_or(0), options_.loaders};
  router_ = std::make_unique<router::Router>(router::Parts{table_, events_, *deliveries_, *installs_, chain_, metrics_, assets_,
                                                           mirror_.get(), firesteel::SystemClock(), http_base_url_,
                                                           https_base_url_, ca_pem_, dhcp});
  return {};
}

Status Daemon::StartRpc() {
  if (!options_.grpc) return {};
  backend_ = std::make_unique<rpc::CoreBackend>(
      rpc::Core{table_, events_, *deliveries_, *installs_, *mirror_, metrics_, firesteel::SystemClock()},
      firesteel::contract::BootdInfo{firesteel::RandomHex(8), http_base_url_, https_base_url_, FIRESTEEL_VERSION});
  auto server = rpc::Server::Start({*options_.grpc, options_.tls_cert, options_.tls_key, options_.tls_ca}, *backend_);
  if (!server.ok()) return server.error();
  rpc_ = std::move(*server);
  LogListening("grpc", *options_.grpc, rpc_->port());
  return {};
}

void Daemon::FollowAuthority() {
  if (!options_.grpc) return;
  Result<std::string> pem = firesteel::ReadFile(options_.tls_ca);
  if (!pem.ok() || *pem == ca_pem_) return;
  ca_pem_ = std::move(*pem);  // also if it cannot be used: told once
  if (const auto ends = firesteel::CertificateEnds(ca_pem_); !ends.ok()) {
    return LogWarning("authority not renewed", {{"file", options_.tls_ca}, {"error", ends.error().message}});
  }
  router_->PinAuthority(ca_pem_);
  LogInfo("authority renewed", {{"file", options_.tls_ca}});
}

}  // namespace bootd
