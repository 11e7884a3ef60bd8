// The bytes of a watch as they come, over cpprestsdk. No other file includes cpprestsdk: it is in maintenance mode, and
// slow to compile.
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "controller/kube/authorization.h"
#include "controller/kube/connection.h"
#include "controller/kube/request.h"
#include "controller/kube/response.h"

namespace firesteel::kube {

struct WatchStreamCalls {
  std::function<void(int status)> on_status;                  // once; 0 = no answer
  std::function<Status(std::string_view bytes)> on_bytes;  // of a 200; an Error ends the stream
};

// Blocks until the stream ends. Returns what the server answered (without the body of a 200), or an Error: that of
// on_bytes; or kUnavailable where the stream broke, nothing came for longer than `silence`, or `stop` came. Never throws.
Result<HttpResponse> StreamWatch(const ConnectionConfig& connection, Authorization& authorization,
                                 const HttpRequest& request, std::chrono::seconds silence,
                                 const WatchStreamCalls& calls, std::stop_token stop);

}  // namespace firesteel::kube
