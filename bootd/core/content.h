// What a server of bootd is asked to send: the seam between deciding (core) and sending (tftp, http).
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace bootd::core {

// A regular file, opened by the server at once, so that replacing it by rename does not disturb a
// transfer that runs.
struct FileContent {
  std::string path;  // on this machine's disk
  // Called once when the transfer ends; true = every byte was acknowledged by the peer. May be empty.
  std::function<void(bool complete)> on_end;
};

struct BytesContent {
  std::string bytes;
  std::string content_type = "text/plain";  // HTTP only
  std::function<void(bool complete)> on_end;  // as above
  std::optional<std::chrono::seconds> time_limit = {};  // HTTP only: a transfer that takes longer is cut off
};

}  // namespace bootd::core
