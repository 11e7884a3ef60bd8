// Files of the mirror: /artifacts/<name> by HTTP and HTTPS, artifacts/<name> by TFTP for loaders without HTTP.
#pragma once

#include "bootd/router/machines.h"

namespace bootd::router {

// Thread-safe. Needs a mirror.
class ArtifactFiles {
 public:
  ArtifactFiles(const Parts& parts, Machines& machines) : parts_(parts), machines_(machines) {}

  http::Reply Find(const http::Request& request, std::string_view name);

 private:
  http::Reply Sums(const http::Request& request, std::string_view folder);
  void SawDownload(std::string_view client_ip, std::string_view name);

  const Parts& parts_;
  Machines& machines_;
};

}  // namespace bootd::router
