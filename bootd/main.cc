// Wires bootd's parts; the only file that names them all.
#include <malloc.h>
#include <signal.h>

#include <memory>

#include "base/certificate.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/host_port.h"
#include "base/log.h"
#include "bootd/dhcp/server.h"
#include "bootd/options.h"
#include "bootd/privileges.h"
#include "bootd/rpc/core_backend.h"
#include "bootd/rpc/server.h"
#include "bootd/router/router.h"
#include "bootd/http/server.h"

namespace {

using namespace bootd;  // NOLINT: this file is the sum of its parts
using firesteel::LogInfo;
using firesteel::Result;
using firesteel::Status;

void LogListening(const char* protocol, const firesteel::ListenAddress& asked, uint16_t port) {
  LogInfo("listening", {{"protocol", protocol}, {"address", firesteel::ListenAddress{asked.host, port}.ToString()}});
}

std::string BaseUrl(const std::string& scheme, const std::string& host, uint16_t port, uint16_t usual) {
  return scheme + "://" + (port == usual ? firesteel::Bracketed(host) : firesteel::HostPort(host, port));
}

class Daemon {
 public:
  explicit Daemon(Options options) : options_(std::move(options)), assets_(options_.assets_dir) {}

  // Ports are bound first: that is all that needs a privilege, and threads would each keep it.
  Status Start() {
    RaiseLowPortRight();
    for (const auto& step : {&Daemon::OpenHttp, &Daemon::OpenTftp, &Daemon::OpenDhcp, &Daemon::OpenHealth,
                             &Daemon::DropPrivileges, &Daemon::OpenData, &Daemon::MakeRouter, &Daemon::StartRpc}) {
      const Status status = (this->*step)();
      if (!status.ok()) return status;
    }
    Serve();
    LogInfo("ready", {{"version", FIRESTEEL_VERSION}});
    return {};
  }

  // A renewed authority is pinned from the next machine on; HTTPS and gRPC look at their files themselves.
  void FollowAuthority() {
    if (!options_.grpc) return;
    Result<std::string> pem = firesteel::ReadFile(options_.tls_ca);
    if (!pem.ok() || *pem == ca_pem_) return;
    ca_pem_ = std::move(*pem);  // also if it cannot be used: told once
    if (const auto ends = firesteel::CertificateEnds(ca_pem_); !ends.ok()) {
      return firesteel::LogWarning("authority not renewed", {{"file", options_.tls_ca}, {"error", ends.error().message}});
    }
    router_->PinAuthority(ca_pem_);
    LogInfo("authority renewed", {{"file", options_.tls_ca}});
  }

 private:
  Status DropPrivileges() { return bootd::DropPrivileges(); }

  Status OpenData() {
    for (const auto& [log, name] : {std::pair{&deliveries_, "/deliveries"}, std::pair{&installs_, "/installs"}}) {
      auto opened = core::DeliveryLog::Open(options_.data_dir.empty() ? "" : options_.data_dir + name);
      if (!opened.ok()) return opened.error();
      *log = std::move(*opened);
    }
    if (!options_.grpc) return {};
    auto mirror =
        artifacts::Mirror::Open(options_.data_dir + "/artifacts", [this](const auto&) { events_.Wake(); });
    if (!mirror.ok()) return mirror.error();
    mirror_ = std::move(*mirror);
    const Result<std::string> ca = firesteel::ReadFile(options_.tls_ca);
    if (!ca.ok()) return ca.error();
    ca_pem_ = *ca;
    return {};
  }

  // The servers are there before the router: their handlers look it up when they are asked.
  Status OpenHttp() {
    const auto handler = [this](const http::Request& request) { return router_->HandleHttp(request); };
    if (options_.http) {
      auto server = http::Server::Open({.listen = *options_.http, .tls = {}}, handler);
      if (!server.ok()) return server.error();
      http_ = std::move(*server);
    }
    if (options_.https) {
      auto server = http::Server::Open(
          {.listen = *options_.https, .tls = http::TlsFiles{options_.tls_cert, options_.tls_key}}, handler);
      if (!server.ok()) return server.error();
      https_ = std::move(*server);
    }
    return {};
  }

  Status MakeRouter() {
    const uint16_t http_port = options_.http ? options_.http->port : 0;
    const uint16_t https_port = options_.https ? options_.https->port : 0;
    http_base_url_ = BaseUrl("http", options_.advertise_address, http_port, 80);
    https_base_url_ = BaseUrl("https", options_.advertise_address, https_port, 443);
    if (options_.grpc && (http_port == 0 || https_port == 0)) {
      return firesteel::InvalidArgument("with --grpc-listen the HTTP and HTTPS ports cannot be 0: machines are told them");
    }
    router_ = std::make_unique<router::Router>(router::Parts{table_, events_, *deliveries_, *installs_, chain_, metrics_, assets_,
                                                     mirror_.get(), firesteel::SystemClock(), http_base_url_,
                                                     https_base_url_, ca_pem_, DhcpConfig()});
    return {};
  }

  Status OpenTftp() {
    if (!options_.tftp) return {};
    tftp::Observer observer;
    observer.transfer_ended = [this](const tftp::Ended& ended) {
      metrics_.Count("bootd_tftp_transfers_total", std::string("result=\"") + ToString(ended.outcome) + "\"");
      metrics_.Count("bootd_tftp_bytes_total", "", ended.bytes);
      metrics_.Count("bootd_tftp_retransmits_total", "", ended.retransmits);
    };
    observer.refused = [this](tftp::Refusal why) {
      metrics_.Count("bootd_tftp_refused_total", std::string("reason=\"") + ToString(why) + "\"");
    };
    auto server = tftp::Server::Open({.listen = *options_.tftp, .single_port = options_.tftp_single_port,
                                       .admission = {}, .transfer = {}},
                                      [this](const tftp::Request& request) { return router_->HandleTftp(request); },
                                      observer);
    if (!server.ok()) return server.error();
    tftp_ = std::move(*server);
    return {};
  }

  dhcp::Config DhcpConfig() const {
    return {http_base_url_, dhcp::ParseIpv4(options_.advertise_address).value_or(0), options_.loaders};
  }

  Status OpenDhcp() {
    if (!options_.dhcp) return {};
    const dhcp::Loaders& loaders = options_.loaders;
    for (const std::string& loader : {loaders.bios, loaders.efi_amd64, loaders.efi_arm64}) {
      if (!assets_.Find(loader)) firesteel::LogWarning("boot loader is not in --assets-dir", {{"file", loader}});
    }
    dhcp::Observer observer;
    observer.malformed = [this] { metrics_.Count("bootd_dhcp_malformed_total"); };
    observer.unsent = [this] { metrics_.Count("bootd_dhcp_unsent_total"); };
    auto server = dhcp::Server::Open({.dhcp = *options_.dhcp, .pxe = *options_.pxe},
                                      [this](const dhcp::Packet& packet, const dhcp::Arrival& arrival) {
                                        return router_->HandleDhcp(packet, arrival);
                                      },
                                      observer);
    if (!server.ok()) return server.error();
    dhcp_ = std::move(*server);
    return {};
  }

  Status StartRpc() {
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

  void PublishCertificate() {
    if (options_.tls_cert.empty()) return;
    const Result<std::string> pem = firesteel::ReadFile(options_.tls_cert);
    const auto ends = firesteel::CertificateEnds(pem.ok() ? *pem : "");
    if (!ends.ok()) return;  // the last known end stays
    metrics_.Set("bootd_certificate_expiry_timestamp_seconds", "",
                 static_cast<uint64_t>(std::chrono::system_clock::to_time_t(ends->front())));
  }

  void PublishHttp() {
    http::Stats sum;
    for (const auto* server : {http_.get(), https_.get()}) {
      if (server != nullptr) sum += server->stats();
    }
    for (const auto& [status, count] : sum.replies) {
      metrics_.Set("bootd_http_requests_total", "code=\"" + std::to_string(status) + "\"", count);
    }
    metrics_.Set("bootd_http_bytes_total", "", sum.body_bytes);
    metrics_.Set("bootd_http_broken_transfers_total", "", sum.broken_transfers);
    metrics_.Set("bootd_http_timeouts_total", "", sum.timeouts);
    metrics_.Set("bootd_http_evicted_connections_total", "", sum.evicted);
    metrics_.Set("bootd_http_refused_connections_total", "", sum.refused_connections);
    metrics_.Set("bootd_http_connections", "", sum.connections);
  }

  Status OpenHealth() {
    if (!options_.health) return {};
    auto server = http::Server::Open({.listen = *options_.health, .tls = {}, .threads = 1}, [this](const http::Request& request) {
      if (request.path == "/healthz" || request.path == "/readyz") return http::TextReply(200, "ok");
      if (request.path != "/metrics") return http::TextReply(404, "known: /healthz /readyz /metrics");
      PublishHttp();
      PublishCertificate();
      metrics_.Set("bootd_entries", "", table_.size());
      if (tftp_) metrics_.Set("bootd_tftp_transfers", "", tftp_->transfers());
      metrics_.Set("bootd_events_dropped_total", "", events_.dropped());
      http::Reply reply;
      reply.content = core::BytesContent{metrics_.Text(), "text/plain; version=0.0.4", {}};
      return reply;
    });
    if (!server.ok()) return server.error();
    health_ = std::move(*server);
    return {};
  }

  void Serve() {
    if (http_) {
      http_->Serve();
      LogListening("http", *options_.http, http_->port());
    }
    if (https_) {
      https_->Serve();
      LogListening("https", *options_.https, https_->port());
    }
    if (tftp_) {
      tftp_->Serve();
      LogListening("tftp", *options_.tftp, tftp_->port());
    }
    if (dhcp_) {
      dhcp_->Serve();
      LogListening("dhcp", *options_.dhcp, dhcp_->dhcp_port());
      LogListening("pxe", *options_.pxe, dhcp_->pxe_port());
    }
    if (health_) {
      health_->Serve();
      LogListening("health", *options_.health, health_->port());
    }
  }

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
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<http::Server> https_;
  std::unique_ptr<http::Server> health_;
  std::unique_ptr<tftp::Server> tftp_;
  std::unique_ptr<dhcp::Server> dhcp_;
  std::unique_ptr<rpc::CoreBackend> backend_;
  std::unique_ptr<rpc::Server> rpc_;
};

}  // namespace

int main(int argc, char** argv) {
  ParsedOptions parsed = ParseOptions(argc, argv);
  if (!parsed.options) return parsed.exit_status;
  // gRPC's threads allocate and free in bursts; an arena for each would keep what each had at its peak.
  mallopt(M_ARENA_MAX, 2);
  firesteel::ConfigureLog(parsed.options->log_format, parsed.options->log_level);
  // Before any thread starts, so that all of them have it blocked.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Daemon daemon(std::move(*parsed.options));
  const Status started = daemon.Start();
  if (!started.ok()) {
    firesteel::LogError("cannot start", {{"error", started.error().message}});
    return 1;
  }
  const timespec pause{.tv_sec = 5, .tv_nsec = 0};
  int signal = 0;
  for (unsigned round = 1; (signal = sigtimedwait(&signals, nullptr, &pause)) < 0; ++round) {
    daemon.FollowAuthority();
    // What a rush of requests freed lies scattered in the heap; once a minute it goes back to the system.
    if (round % 12 == 0) malloc_trim(0);
  }
  LogInfo("stopping", {{"signal", signal}});
  return 0;
}
