// An Ignition config as the files that it makes, to read and to compare. Pure.
// https://coreos.github.io/ignition/configuration-v3_4/
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace firesteel::offline {

struct UnpackedFile {
  int mode = 0644;
  std::string content;
};

// By their paths on the machine, without the leading slash.
struct Unpacked {
  // Also units, their drop-ins and presets. What the machine downloads is "<path>.source": URL and digest.
  std::map<std::string, UnpackedFile> files;
  std::map<std::string, std::string> links;  // to their targets; also of masked units
};

// Without users, disks, file systems and empty directories. kInvalidArgument: a path that leads out of the
// machine's root, or content that cannot be decoded.
Result<Unpacked> Unpack(const std::string& ignition);

}  // namespace firesteel::offline
