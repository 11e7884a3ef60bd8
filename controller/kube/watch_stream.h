// The bytes of a watch as they come, over cpprestsdk, whose only home this is: it is in maintenance mode, and slow to
// compile.
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

// Blocks until the stream ends: with what the server answered (without the body of a 200), or an Error: kUnavailable
// where it broke, nothing came for longer than `silence` or `stop` came; or that of on_bytes. Never throws.
Result<HttpResponse> StreamWatch(const ConnectionConfig& connection, Authorization& authorization,
                                 const HttpRequest& request, std::chrono::seconds silence,
                                 const WatchStreamCalls& calls, std::stop_token stop);

}  // namespace firesteel::kube
