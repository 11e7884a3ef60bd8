#include "bootd/rpc/session.h"

#include <grpcpp/impl/codegen/proto_utils.h>  // protobuf ↔ ByteBuffer

#include <malloc.h>

#include <exception>
#include <utility>

#include "base/log.h"
#include "proto/limits.h"

namespace bootd::rpc {
namespace {

namespace pb = firesteel::contract::pb;
constexpr size_t kMaxQueue = 4096;
constexpr size_t kLarge = firesteel::contract::kChunkBytes / 2;  // as most messages of a large snapshot are

firesteel::Result<pb::ControllerMessage> Parse(grpc::ByteBuffer& bytes) {
  if (bytes.Length() > firesteel::contract::kMaxMessageBytes) {
    return firesteel::MakeError(firesteel::Code::kResourceExhausted, "a message is over 16 MiB");
  }
  pb::ControllerMessage message;
  if (grpc::SerializationTraits<pb::ControllerMessage>::Deserialize(&bytes, &message).ok()) return message;
  return firesteel::InvalidArgument("not a message of firesteel.bootd.v1");
}

}  // namespace

void Session::Start() {
  {
    std::lock_guard lock(mutex_);
    self_ = shared_from_this();
  }
  StartRead(&in_);
}

void Session::Send(const pb::BootdMessage& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  grpc::SerializationTraits<pb::BootdMessage>::Serialize(message, &bytes, &own);
  bool full = false;
  {
    std::lock_guard lock(mutex_);
    if (closing_) return;
    full = queue_.size() >= kMaxQueue;
    if (!full) queue_.push_back(std::move(bytes));
  }
  if (full) return Close({grpc::StatusCode::RESOURCE_EXHAUSTED, "answers are not being read"});
  Advance();
}

bool Session::Drain() {
  std::unique_lock lock(mutex_);
  drained_.wait(lock, [&] { return closing_ || (queue_.empty() && !writing_); });
  return !closing_;
}

void Session::Close(const grpc::Status& status) {
  {
    std::lock_guard lock(mutex_);
    if (closing_) return;
    closing_ = true;
    status_ = status;
    queue_.clear();
  }
  drained_.notify_all();
  Advance();
}

// gRPC is called without our lock: it may call back before it returns. One write at a time, and none
// beside Finish, is what `writing_` and `finished_` see to.
void Session::Advance() {
  enum class Next { kNothing, kWrite, kFinish } next = Next::kNothing;
  grpc::WriteOptions options;
  {
    std::lock_guard lock(mutex_);
    if (writing_ || finished_) return;
    if (closing_) {
      finished_ = true;
      next = Next::kFinish;
    } else if (!queue_.empty()) {
      out_ = std::move(queue_.front());
      queue_.pop_front();
      // More follows at once: a rack that starts is hundreds of events, and need not be as many packets.
      if (!queue_.empty()) options.set_buffer_hint();
      writing_ = true;
      next = Next::kWrite;
    }
  }
  switch (next) {
    case Next::kNothing: return;
    case Next::kWrite: return StartWrite(&out_, options);
    case Next::kFinish: return Finish(status_);
  }
}

void Session::OnReadDone(bool ok) {
  if (!ok) return Close(grpc::Status::OK);
  const bool large = in_.Length() >= kLarge;
  try {
    events_.on_message(*this, Parse(in_));
  } catch (const std::exception& error) {  // a message that takes too much memory, say: its stream's end, not bootd's
    firesteel::LogError("a controller's message failed", {{"peer", peer_}, {"error", error.what()}});
    Close({grpc::StatusCode::INTERNAL, "bootd could not handle the message"});
  }
  in_.Clear();
  if (large) malloc_trim(0);  // else the memory of the message stays with malloc
  StartRead(&in_);
}

void Session::OnWriteDone(bool ok) {
  bool idle = false;
  {
    std::lock_guard lock(mutex_);
    writing_ = false;
    idle = queue_.empty();
  }
  if (!ok) Close(grpc::Status::CANCELLED);
  if (idle) drained_.notify_all();
  Advance();
}

void Session::OnCancel() { Close(grpc::Status::CANCELLED); }

void Session::OnDone() {
  events_.on_closed(*this);
  std::shared_ptr<Session> self;
  std::lock_guard lock(mutex_);
  self = std::move(self_);
}

}  // namespace bootd::rpc
