// HttpClient over kept connections, each of which serves one call at a time.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "controller/kube/authorization.h"
#include "controller/kube/http_client.h"
#include "controller/kube/http_connection.h"

namespace firesteel::kube {

// Thread-safe. No call takes longer than `timeout`.
class HttpPool : public HttpClient {
 public:
  HttpPool(const ConnectionConfig& config, std::chrono::milliseconds timeout)
      : timeout_(timeout), authorization_(config), connector_(config) {}

  Result<HttpResponse> Send(const HttpRequest& request) override;
  Authorization& authorization() { return authorization_; }  // for what is sent over other connections

 private:
  using ConnectionPtr = std::unique_ptr<HttpConnection>;
  ConnectionPtr TakeIdle();
  void GiveBack(ConnectionPtr connection);
  void DropIdle();

  const std::chrono::milliseconds timeout_;
  Authorization authorization_;
  HttpConnector connector_;
  std::mutex mutex_;
  std::vector<ConnectionPtr> idle_;  // guarded by mutex_
};

}  // namespace firesteel::kube
