// The health port: /healthz, /readyz and /metrics.
#pragma once

#include <string>
#include <utility>

#include "bootd/core/boot_table.h"
#include "bootd/core/event_log.h"
#include "bootd/core/metrics.h"
#include "bootd/servers.h"

namespace bootd {

// Thread-safe.
class Health {
 public:
  // All outlive it. `certificate_file` "" = there is none.
  Health(core::Metrics& metrics, const core::BootTable& table, const core::EventLog& events, const Servers& servers,
         std::string certificate_file)
      : metrics_(metrics), table_(table), events_(events), servers_(servers), certificate_file_(std::move(certificate_file)) {}

  http::Reply Reply(const http::Request& request) const;

 private:
  // Numbers that are counted elsewhere, as they are now.
  void Collect() const;
  void CollectHttp() const;
  void CollectCertificate() const;

  core::Metrics& metrics_;
  const core::BootTable& table_;
  const core::EventLog& events_;
  const Servers& servers_;
  const std::string certificate_file_;
};

}  // namespace bootd
