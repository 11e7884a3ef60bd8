// The servers that machines and monitoring talk to, by what the command line asks for.
#pragma once

#include <memory>

#include "base/result.h"
#include "bootd/core/metrics.h"
#include "bootd/dhcp/server.h"
#include "bootd/http/server.h"
#include "bootd/options.h"
#include "bootd/tftp/server.h"

namespace bootd {

// Each is nullptr where it was not asked for.
struct Servers {
  std::unique_ptr<http::Server> http;
  std::unique_ptr<http::Server> https;
  std::unique_ptr<tftp::Server> tftp;
  std::unique_ptr<dhcp::Server> dhcp;
  std::unique_ptr<http::Server> health;  // last, so that it ends first: it asks the others for their numbers
};

struct Handlers {
  http::Handler http;  // for HTTPS too
  http::Handler health;
  tftp::Handler tftp;
  dhcp::Handler dhcp;
};

// Binds all ports and starts no thread. `metrics` outlives the servers; it counts what TFTP and proxyDHCP do.
firesteel::Status OpenServers(const Options& options, const Handlers& handlers, core::Metrics& metrics, Servers& servers);

// Starts them, and logs where they listen.
void Serve(const Options& options, const Servers& servers);

void LogListening(const char* protocol, const firesteel::ListenAddress& asked, uint16_t port);

}  // namespace bootd
