// Requests to one HTTPS server, with our credentials.
#pragma once

#include <chrono>
#include <memory>

#include "controller/kube/connection.h"
#include "controller/kube/request.h"
#include "controller/kube/response.h"

namespace firesteel::kube {

// Thread-safe; calls block.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // Whatever the server answered, or kUnavailable. Never throws.
  virtual Result<HttpResponse> Send(const HttpRequest& request) = 0;
};

// No call takes longer than `timeout`.
std::unique_ptr<HttpClient> NewHttpClient(const ConnectionConfig& config, std::chrono::milliseconds timeout);

}  // namespace firesteel::kube
