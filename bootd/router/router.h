// What each path, file name and DHCP request means: HTTP routes, TFTP names and offers onto the boot
// decision. Thin: it picks who answers.
#pragma once

#include <optional>
#include <string>

#include "bootd/router/artifact_files.h"
#include "bootd/router/boot_scripts.h"
#include "bootd/router/ignition_files.h"
#include "bootd/router/loader_configs.h"
#include "bootd/router/machines.h"
#include "bootd/router/offers.h"
#include "bootd/router/parts.h"
#include "bootd/router/raspberry_pi.h"
#include "bootd/router/reports.h"

namespace bootd::router {

// Thread-safe, but for HandleDhcp.
class Router {
 public:
  explicit Router(Parts parts) : parts_(std::move(parts)) {}

  // Counts from the next stage 1 on.
  void PinAuthority(const std::string& ca_pem) { ignition_.PinAuthority(ca_pem); }

  http::Reply HandleHttp(const http::Request& request);
  TftpContent HandleTftp(const tftp::Request& request);
  // nullopt = say nothing. For one thread only.
  std::optional<dhcp::Reply> HandleDhcp(const dhcp::Packet& packet, const dhcp::Arrival& arrival) {
    return offers_.Answer(packet, arrival);
  }

 private:
  http::Reply Get(const http::Request& request);
  // nullopt = no such file.
  std::optional<TftpContent> TftpFile(const tftp::Request& request, const std::string& file);
  // A file that a loader looks for by itself; nullopt = an ordinary name.
  std::optional<LoaderFile> FindLoaderFile(const std::string& path, const http::Request& request, bool by_tftp);
  std::optional<http::Reply> LoaderReply(const http::Request& request);

  const Parts parts_;
  Machines machines_{parts_};
  BootScripts scripts_{parts_, machines_};
  IgnitionFiles ignition_{parts_, machines_};
  Reports reports_{parts_, machines_};
  ArtifactFiles artifacts_{parts_, machines_};
  RaspberryPis pis_{parts_, machines_};
  LoaderConfigs configs_{parts_, machines_};
  Offers offers_{parts_, machines_, pis_};
};

}  // namespace bootd::router
