// One kept HTTP/1.1 connection to an API server. All of a call is done on the caller's thread, waiting included: to hand
// the call to a library's thread and back costs more than the call (docs/performance.md).
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "controller/kube/connection.h"
#include "controller/kube/request.h"
#include "controller/kube/response.h"

namespace boost::asio::ssl {
class context;
}

namespace firesteel::kube {

using Deadline = std::chrono::steady_clock::time_point;

// For one thread at a time.
class HttpConnection {
 public:
  virtual ~HttpConnection() = default;
  // kUnavailable: no whole answer came until the deadline. `authorization`: the header's value, "" = none.
  virtual Result<HttpResponse> Exchange(const HttpRequest& request, const std::string& authorization,
                                        Deadline deadline) = 0;
  // Whether another Exchange may follow: the last went well, and the server has not closed the connection since.
  virtual bool IsReusable() = 0;
};

// Sets which authority a connection trusts (the named one alone, or the system's) and our client certificate. Throws
// boost::system::system_error where OpenSSL cannot read what it is given.
void SetUpTls(boost::asio::ssl::context& context, const ConnectionConfig& config);

// Makes connections to one server, with our credentials. Thread-safe. The TLS context (30 KiB) is made with the first
// connection: many clusters are never asked.
class HttpConnector {
 public:
  explicit HttpConnector(ConnectionConfig config);
  ~HttpConnector();
  // Errors: kUnavailable; kInvalidArgument where the URL or the credentials cannot be used. The system's resolver looks up
  // a host name, and may take longer than the deadline.
  Result<std::unique_ptr<HttpConnection>> Connect(Deadline deadline);

 private:
  struct Server;
  static Result<std::unique_ptr<Server>> NewServer(const ConnectionConfig& config);
  const ConnectionConfig config_;
  std::once_flag once_;
  Result<std::unique_ptr<Server>> server_;  // made once
};

}  // namespace firesteel::kube
