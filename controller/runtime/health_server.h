// /healthz, /readyz and /metrics over plain HTTP, for the kubelet and Prometheus.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/listen_address.h"

namespace firesteel::runtime {

struct HealthChecks {
  std::function<std::string()> not_ready;  // why, for people; "" = ready
  std::function<std::string()> metrics;
};

// Answers one request a connection, one connection at a time: its clients are few and local. A connection has two seconds
// for its request and its answer, so that none keeps the others waiting.
class HealthServer {
 public:
  static Result<std::unique_ptr<HealthServer>> Start(const ListenAddress& address, HealthChecks checks);
  ~HealthServer();
  uint16_t port() const { return port_; }

 private:
  HealthServer(int fd, uint16_t port, HealthChecks checks);
  void Serve(std::stop_token stop);
  void Converse(int connection) const;

  const int fd_;
  const uint16_t port_;
  const HealthChecks checks_;
  std::jthread thread_;
};

}  // namespace firesteel::runtime
