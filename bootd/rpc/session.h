// One controller's stream, over gRPC's callback API. Included by bootd/rpc/*.cc only: gRPC's headers.
// https://github.com/grpc/proposal/blob/master/L67-cpp-callback-api.md
#pragma once

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "proto/convert.h"

namespace bootd::rpc {

// Keeps itself alive from Start until gRPC is done with it. Thread-safe. Messages are taken as raw bytes
// so that what is no message, or too large a one, can be told apart from the end of the stream.
class Session final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                      public std::enable_shared_from_this<Session> {
 public:
  // Called on gRPC's threads, never two at once for one session, without locks. An exception of on_message ends the
  // session with INTERNAL.
  struct Events {
    // The Error says why the bytes are no message.
    std::function<void(Session&, const firesteel::Result<firesteel::contract::pb::ControllerMessage>&)> on_message;
    std::function<void(Session&)> on_closed;  // once; nothing is received or sent any more
  };
  Session(std::string peer, Events events) : peer_(std::move(peer)), events_(std::move(events)) {}

  void Start();
  // Queues the message. The queue is bounded: a controller that does not read what it is answered is
  // closed with RESOURCE_EXHAUSTED.
  void Send(const firesteel::contract::pb::BootdMessage& message);
  // Waits until all that was queued is on its way; false = the session is closed.
  bool Drain();
  // Ends the stream with this status once what is being written is written. Later calls do nothing.
  void Close(const grpc::Status& status);

  const std::string& peer() const { return peer_; }

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void Advance();  // starts the next write, or finishes; called without locks

  const std::string peer_;
  const Events events_;
  grpc::ByteBuffer in_;   // of the outstanding read
  grpc::ByteBuffer out_;  // of the outstanding write

  std::mutex mutex_;
  std::condition_variable drained_;
  std::deque<grpc::ByteBuffer> queue_;  // guarded by mutex_, as is all below
  bool writing_ = false;
  bool closing_ = false;
  bool finished_ = false;
  grpc::Status status_;
  std::shared_ptr<Session> self_;
};

}  // namespace bootd::rpc
