#include "bootd/servers.h"

#include "base/log.h"

namespace bootd {
namespace {

using firesteel::Status;

Status OpenHttp(http::Options options, const http::Handler& handler, std::unique_ptr<http::Server>& server) {
  auto opened = http::Server::Open(std::move(options), handler);
  if (!opened.ok()) return opened.error();
  server = std::move(*opened);
  return {};
}

tftp::Observer TftpObserver(core::Metrics& metrics) {
  tftp::Observer observer;
  observer.transfer_ended = [&metrics](const tftp::Ended& ended) {
    metrics.Count("bootd_tftp_transfers_total", std::string("result=\"") + ToString(ended.outcome) + "\"");
    metrics.Count("bootd_tftp_bytes_total", "", ended.bytes);
    metrics.Count("bootd_tftp_retransmits_total", "", ended.retransmits);
  };
  observer.refused = [&metrics](tftp::Refusal why) {
    metrics.Count("bootd_tftp_refused_total", std::string("reason=\"") + ToString(why) + "\"");
  };
  return observer;
}

Status OpenTftp(const Options& options, const tftp::Handler& handler, core::Metrics& metrics, Servers& servers) {
  if (!options.tftp) return {};
  auto server = tftp::Server::Open({.listen = *options.tftp, .single_port = options.tftp_single_port, .admission = {}, .transfer = {}},
                                   handler, TftpObserver(metrics));
  if (!server.ok()) return server.error();
  servers.tftp = std::move(*server);
  return {};
}

Status OpenDhcp(const Options& options, const dhcp::Handler& handler, core::Metrics& metrics, Servers& servers) {
  if (!options.dhcp) return {};
  dhcp::Observer observer;
  observer.malformed = [&metrics] { metrics.Count("bootd_dhcp_malformed_total"); };
  observer.unsent = [&metrics] { metrics.Count("bootd_dhcp_unsent_total"); };
  auto server = dhcp::Server::Open({.dhcp = *options.dhcp, .pxe = *options.pxe}, handler, observer);
  if (!server.ok()) return server.error();
  servers.dhcp = std::move(*server);
  return {};
}

}  // namespace

Status OpenServers(const Options& options, const Handlers& handlers, core::Metrics& metrics, Servers& servers) {
  Status opened;
  if (options.http) opened = OpenHttp({.listen = *options.http, .tls = {}}, handlers.http, servers.http);
  if (opened.ok() && options.https) {
    const http::TlsFiles files{options.tls_cert, options.tls_key};
    opened = OpenHttp({.listen = *options.https, .tls = files}, handlers.http, servers.https);
  }
  if (opened.ok()) opened = OpenTftp(options, handlers.tftp, metrics, servers);
  if (opened.ok()) opened = OpenDhcp(options, handlers.dhcp, metrics, servers);
  if (opened.ok() && options.health) {
    opened = OpenHttp({.listen = *options.health, .tls = {}, .threads = 1}, handlers.health, servers.health);
  }
  return opened;
}

void LogListening(const char* protocol, const firesteel::ListenAddress& asked, uint16_t port) {
  firesteel::LogInfo("listening", {{"protocol", protocol}, {"address", firesteel::ListenAddress{asked.host, port}.ToString()}});
}

void Serve(const Options& options, const Servers& servers) {
  const auto serve = [](const char* protocol, const auto& asked, const auto& server) {
    if (server == nullptr) return;
    server->Serve();
    LogListening(protocol, *asked, server->port());
  };
  serve("http", options.http, servers.http);
  serve("https", options.https, servers.https);
  serve("tftp", options.tftp, servers.tftp);
  if (servers.dhcp) {
    servers.dhcp->Serve();
    LogListening("dhcp", *options.dhcp, servers.dhcp->dhcp_port());
    LogListening("pxe", *options.pxe, servers.dhcp->pxe_port());
  }
  serve("health", options.health, servers.health);
}

}  // namespace bootd
