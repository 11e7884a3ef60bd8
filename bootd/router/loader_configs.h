// The configurations that pxelinux and GRUB ask for by themselves, by TFTP and HTTP.
#pragma once

#include <optional>
#include <string>

#include "bootd/router/boot_files.h"
#include "bootd/router/machines.h"

namespace bootd::router {

// Thread-safe.
class LoaderConfigs {
 public:
  LoaderConfigs(const Parts& parts, Machines& machines) : parts_(parts), machines_(machines) {}

  // nullopt = none is made for that machine: the operator may have one in --assets-dir.
  std::optional<core::BytesContent> OfMachine(const MachineConfig& config, const http::Request& request, bool by_tftp);
  core::BytesContent OfAnyGrub() const;
  core::BytesContent OfAnyPxelinux() const;

 private:
  const Parts& parts_;
  Machines& machines_;
};

}  // namespace bootd::router
