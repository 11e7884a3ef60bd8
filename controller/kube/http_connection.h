// One kept HTTP/1.1 connection to an API server. All of a call is done on the caller's thread, waiting included:
// handing it to a thread of a library's own, and back, costs more than the call (docs/performance.md).
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

// Whom a connection trusts, the named authority alone or the system's, and how we prove who we are. Throws
// boost::system::system_error where OpenSSL cannot read what it is given.
void SetUpTls(boost::asio::ssl::context& context, const ConnectionConfig& config);

// A server, and how we prove to it who we are. Thread-safe. What TLS keeps of both (30 KiB) is made with the first
// connection: many a cluster is never asked.
class HttpConnector {
 public:
  explicit HttpConnector(ConnectionConfig config);
  ~HttpConnector();
  // kUnavailable; kInvalidArgument: the URL or the credentials cannot be used. A name is looked up by the system's
  // resolver, in its own time.
  Result<std::unique_ptr<HttpConnection>> Connect(Deadline deadline);

 private:
  struct Server;
  static Result<std::unique_ptr<Server>> NewServer(const ConnectionConfig& config);
  const ConnectionConfig config_;
  std::once_flag once_;
  Result<std::unique_ptr<Server>> server_;  // made once
};

}  // namespace firesteel::kube
