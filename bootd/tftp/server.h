// The TFTP server: sockets around Transfer, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/listen_address.h"
#include "bootd/core/content.h"
#include "bootd/tftp/admission.h"
#include "bootd/tftp/packet.h"
#include "bootd/tftp/transfer.h"

namespace bootd::tftp {

struct Request {
  std::string file_name;
  std::string client_ip;
  std::string options = {};  // as ReadRequest has them
};

struct Refused {
  ErrorCode code = ErrorCode::kFileNotFound;
  std::string message;  // shown on the machine's console
};

// Runs on the server's thread, so it must not block. The server opens a FileContent's path as it is; the handler knows
// which paths are safe.
using Handler = std::function<std::variant<core::FileContent, core::BytesContent, Refused>(const Request&)>;

struct Options {
  firesteel::ListenAddress listen;
  bool single_port = false;  // answer from the listening port: for NAT and load balancers
  size_t max_transfers = 4096;
  AdmissionLimits admission;
  TransferLimits transfer;
};

// Why a packet got no transfer, or none got a packet.
enum class Refusal : uint8_t {
  kMalformed,         // a bad request to read is answered, everything else is not
  kWrite,
  kNetascii,
  kByHandler,         // no such file
  kTooManyTransfers,
  kTooManyOfClient,
  kTooFast,           // not answered: the client asks again
  kUnknownTransfer,   // an ACK from an address and port that has no transfer
};
const char* ToString(Refusal refusal);

struct Ended {
  Outcome outcome = Outcome::kComplete;
  uint64_t bytes = 0;        // acknowledged
  uint64_t retransmits = 0;  // packets
};

// What happened, for metrics; called on the server's thread. Log lines are written by the server.
struct Observer {
  std::function<void(const Ended&)> transfer_ended;
  std::function<void(Refusal)> refused;
};

class Server {
 public:
  // Binds, and starts no thread; clients wait until Serve.
  static firesteel::Result<std::unique_ptr<Server>> Open(Options options, Handler handler, Observer observer = {});
  void Serve();
  // Both.
  static firesteel::Result<std::unique_ptr<Server>> Start(Options options, Handler handler, Observer observer = {});
  ~Server();  // stops and waits; running transfers end incomplete

  uint16_t port() const;
  size_t transfers() const;  // that run now; thread-safe

 private:
  class Thread;
  explicit Server(std::unique_ptr<Thread> thread);
  std::unique_ptr<Thread> thread_;
};

}  // namespace bootd::tftp
