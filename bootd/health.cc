#include "bootd/health.h"

#include "base/certificate.h"
#include "base/file.h"

namespace bootd {

http::Reply Health::Reply(const http::Request& request) const {
  if (request.path == "/healthz" || request.path == "/readyz") return http::TextReply(200, "ok");
  if (request.path != "/metrics") return http::TextReply(404, "known: /healthz /readyz /metrics");
  Collect();
  http::Reply reply;
  reply.content = core::BytesContent{metrics_.Text(), "text/plain; version=0.0.4", {}};
  return reply;
}

void Health::Collect() const {
  CollectHttp();
  CollectCertificate();
  metrics_.Set("bootd_entries", "", table_.size());
  if (servers_.tftp) metrics_.Set("bootd_tftp_transfers", "", servers_.tftp->transfers());
  metrics_.Set("bootd_events_dropped_total", "", events_.dropped());
}

void Health::CollectHttp() const {
  http::Stats sum;
  for (const auto* server : {servers_.http.get(), servers_.https.get()}) {
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

void Health::CollectCertificate() const {
  if (certificate_file_.empty()) return;
  const firesteel::Result<std::string> pem = firesteel::ReadFile(certificate_file_);
  const auto ends = firesteel::CertificateEnds(pem.ok() ? *pem : "");
  if (!ends.ok()) return;  // the last known end stays
  metrics_.Set("bootd_certificate_expiry_timestamp_seconds", "",
               static_cast<uint64_t>(std::chrono::system_clock::to_time_t(ends->front())));
}

}  // namespace bootd
