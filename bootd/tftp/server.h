// The TFTP server: sockets around Transfer, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/listen_address.h"
#include "bootd/core/content.h"
#include "bootd/tftp/packet.h"
#include "bootd/tftp/transfer.h"

namespace bootd::tftp {

struct Request {
  std::string file_name;
  std::string client_ip;
};

struct Refused {
  ErrorCode code = ErrorCode::kFileNotFound;
  std::string message;  // shown on the machine's console
};

// Runs on the server's thread: it shall not block. A FileContent's path is opened as it is: which paths
// are safe is the handler's to know.
using Handler = std::function<std::variant<core::FileContent, core::BytesContent, Refused>(const Request&)>;

struct Options {
  firesteel::ListenAddress listen;
  bool single_port = false;  // answer from the listening port: for NAT and load balancers
  size_t max_transfers = 4096;
  size_t max_transfers_per_client = 32;
  TransferLimits limits;
};

// What happened, for metrics; called on the server's thread.
struct Observer {
  std::function<void(bool complete, uint64_t bytes, uint64_t retransmits)> transfer_ended;
  std::function<void(const std::string& client_ip, const std::string& why)> refused;
};

class Server {
 public:
  static firesteel::Result<std::unique_ptr<Server>> Start(Options options, Handler handler, Observer observer = {});
  ~Server();  // stops and waits; running transfers end incomplete

  uint16_t port() const;

 private:
  class Loop;
  explicit Server(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace bootd::tftp
