// The iPXE script of a machine: GET /ipxe/<mac>.
#pragma once

#include "bootd/router/machines.h"

namespace bootd::router {

// Thread-safe.
class BootScripts {
 public:
  BootScripts(const Parts& parts, Machines& machines) : parts_(parts), machines_(machines) {}

  http::Reply Script(const http::Request& request, std::string_view mac_text);

 private:
  const Parts& parts_;
  Machines& machines_;
};

}  // namespace bootd::router
