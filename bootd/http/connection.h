// One connection, as a state machine that goes on as far as the socket lets it: it reads a request, asks the handler, sends
// the reply, and begins again.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "bootd/http/file_cache.h"
#include "bootd/http/gate.h"
#include "bootd/http/message.h"
#include "bootd/http/parser.h"
#include "bootd/http/reply_head.h"
#include "bootd/http/server.h"
#include "bootd/http/stats.h"
#include "bootd/http/transport.h"

namespace bootd::http {

// What the connections of one worker share; outlives them.
struct Context {
  const Options& options;
  const Handler& handler;
  WorkerStats stats;
  FileCache files;
  std::string scratch = std::string(64 * 1024, '\0');
  size_t buffered = 0;  // bytes of requests that are not complete yet, of all connections
  std::string date;     // now, for replies
  firesteel::MonotonicTime now;
};

// What a connection waits for.
enum class Wait {
  kRequest,  // bytes of a request
  kSend,     // room in the socket
  kAck,      // the peer's TCP; there is no event for it: ask again
  kLinger,   // the peer to take the last reply and close
  kTurn,     // nothing: the connection has had its share of the thread and goes on after the others
  kEnd,      // nothing: the connection has to be closed
};

// Not thread-safe. The destructor closes the socket, and reports a reply in the middle as incomplete.
class Connection {
 public:
  Connection(int fd, SSL_CTX* tls, ClientAddress client);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int fd() const { return transport_.fd(); }
  const ClientAddress& client() const { return client_; }

  // Between its creation and its end always with the same context.
  Wait OnEvent(Context& context, uint32_t epoll_events);
  Wait Advance(Context& context);
  // The time for `wait` is over; kEnd unless the peer is only slow.
  Wait OnTimeout(Context& context, Wait wait);
  void Abandon(Context& context);  // last call before its destruction

  // Changes when the connection got on, so that its time to wait starts anew.
  uint64_t progress() const { return progress_; }

 private:
  enum class State { kHandshake, kRequest, kReply, kAck, kLinger };
  // kTurn = go on.
  Wait Step(Context& context);
  Wait Handshake();
  Wait ReadRequest(Context& context);
  Wait Fill(Context& context, const ParsedHead& parsed);
  Wait Continue();
  Wait SendReply(Context& context);
  IoResult SendSome(Context& context);
  Wait AwaitAck(Context& context);
  Wait Linger(Context& context);
  Wait Next(Context& context, bool complete);
  bool Expired(const Context& context) const { return expires_ && context.now >= *expires_; }

  void Answer(Context& context, const RequestHead& head, std::string_view body);
  void Refuse(Context& context, int status);
  void Prepare(Context& context, Reply reply, const RequestHead& head);
  void PrepareFile(Context& context, Reply& reply, const RequestHead& head);
  void Consume(Context& context, size_t bytes);
  std::string_view BodyInMemory() const;

  Transport transport_;
  const ClientAddress client_;
  State state_;
  bool readable_ = true;  // edge-triggered: until a read says otherwise
  bool peer_done_ = false;
  uint64_t progress_ = 0;
  std::string in_;  // of requests, not used up yet
  bool continued_ = false;

  // The reply that is being sent.
  std::string head_;
  size_t head_sent_ = 0;
  std::variant<std::string, FilePtr> body_;
  ByteRange rest_;  // of the body
  std::function<void(bool)> on_end_;
  bool with_body_ = false;
  bool keep_alive_ = true;
  bool input_is_void_ = false;  // what else comes in is not understood any more

  firesteel::MonotonicTime give_up_;   // on the peer's acknowledgement
  std::optional<firesteel::MonotonicTime> expires_;  // when the reply is cut off, however much the peer still takes
  uint64_t sent_ = 0;                  // over its life
  int64_t acknowledged_at_check_ = 0;  // of sent_, about: TLS adds a little
};

}  // namespace bootd::http
