#include "controller/boot/replica.h"

#include <algorithm>
#include <condition_variable>
#include <random>
#include <utility>

#include "base/contain.h"
#include "base/log.h"
#include "controller/boot/channel.h"
#include "controller/boot/messages.h"
#include "firesteel/bootd/v1/bootd.grpc.pb.h"
#include "proto/grpc_status.h"

namespace firesteel::boot {
namespace {

namespace pb = contract::pb;

void Rest(std::stop_token stop, std::chrono::milliseconds time) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

Replica::Replica(std::string target, const GrpcOptions& options, const Listener& listener)
    : target_(std::move(target)), options_(options), listener_(listener), state_(target_) {
  thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
}

Replica::~Replica() {
  thread_.request_stop();
  Cancel();
  thread_.join();
}

void Replica::Run(std::stop_token stop) {
  int failures = 0;
  while (!stop.stop_requested()) {
    failures = Converse(stop) ? 0 : failures + 1;
    Pause(stop, failures);
  }
}

void Replica::Pause(std::stop_token stop, int failures) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const int64_t longest = std::min<int64_t>(options_.max_backoff.count(),
                                            options_.min_backoff.count() << std::min(failures, 10));
  Rest(stop, std::chrono::milliseconds(std::uniform_int_distribution<int64_t>(longest / 2, longest)(random)));
}

void Replica::SetContext(grpc::ClientContext* context, std::stop_token stop) {
  std::lock_guard lock(mutex_);
  context_ = context;
  if (context != nullptr && stop.stop_requested()) context->TryCancel();
}

void Replica::Cancel() {
  std::lock_guard lock(mutex_);
  if (context_ != nullptr) context_->TryCancel();
}

// One connection, from hello to its end. False = it was of no use: wait longer before the next.
bool Replica::Converse(std::stop_token stop) {
  const Result<std::shared_ptr<grpc::Channel>> channel = NewChannel(target_, options_);
  if (!channel.ok()) {
    Part(channel.error());
    return false;
  }
  grpc::ClientContext context;
  SetContext(&context, stop);
  state_.BeginStream();
  const std::unique_ptr<Stream> stream = pb::BootService::NewStub(*channel)->Sync(&context);  // waits to connect
  std::jthread speaker([&](std::stop_token done) { Say(*stream, done); });
  const Status heard = Hear(*stream);
  if (!heard.ok()) context.TryCancel();  // it is we who end it
  speaker.request_stop();
  speaker.join();
  const Status finished = contract::FromGrpcStatus(stream->Finish());
  SetContext(nullptr, stop);
  const bool greeted = state_.endpoint().connected;
  Part(heard.ok() ? finished : heard);
  return greeted && heard.ok() && (finished.ok() || finished.error().code != Code::kConflict);
}

// Until the stream ends, or until it makes no sense any more: then the Error says why.
Status Replica::Hear(Stream& stream) {
  pb::BootdMessage message;
  if (!stream.Write(Hello(options_.identity)) || !stream.Read(&message)) return {};
  if (!message.has_hello()) return InvalidArgument("bootd's first message is not its hello");
  const Result<contract::BootdInfo> info = contract::FromProto(message.hello());
  if (!info.ok()) return info.error();
  Greet(*info);
  while (stream.Read(&message)) {
    Status handled;
    const Status contained = Contain([&] { handled = Handle(message); });
    if (!contained.ok()) LogError("message not handled", {{"target", target_}, {"error", contained.error().message}});
    if (!handled.ok()) return handled;
  }
  return {};
}

void Replica::Greet(const contract::BootdInfo& info) {
  state_.Greet(info);
  LogInfo("bootd connected", {{"target", target_}, {"version", info.version}, {"http", info.http_base_url}});
  listener_.on_endpoint_changed(state_.endpoint());
}

void Replica::Part(const Status& status) {
  const bool greeted = state_.Part();
  LogWarning(greeted ? "bootd disconnected" : "bootd not reachable",
             {{"target", target_}, {"error", status.ok() ? "it ended the stream" : status.error().message}});
  if (greeted) listener_.on_endpoint_changed(state_.endpoint());
}

Status Replica::Handle(const pb::BootdMessage& message) {
  switch (message.message_case()) {
    case pb::BootdMessage::kApplied: return HandleApplied(message.applied());
    case pb::BootdMessage::kEvent: HandleEvent(message.event()); return {};
    case pb::BootdMessage::kArtifactStatus: HandleArtifact(message.artifact_status()); return {};
    case pb::BootdMessage::kHello: return InvalidArgument("bootd said hello twice");
    case pb::BootdMessage::MESSAGE_NOT_SET: break;
  }
  LogWarning("bootd told what this controller does not know", {{"target", target_}});
  return {};
}

void Replica::HandleEvent(const pb::BootEvent& message) {
  Result<contract::BootEvent> event = contract::FromProto(message);
  if (!event.ok()) {
    LogWarning("event ignored", {{"target", target_}, {"error", event.error().message}});
    return;
  }
  event->cursor = state_.Seen(event->cursor);
  listener_.on_event(target_, *event);
}

void Replica::HandleArtifact(const pb::ArtifactStatus& message) {
  const Result<contract::ArtifactStatus> status = contract::FromProto(message);
  if (!status.ok()) {
    LogWarning("artifact status ignored", {{"target", target_}, {"error", status.error().message}});
    return;
  }
  state_.SetArtifact(*status);
  listener_.on_artifact_changed(target_, *status);
}

// After a refusal what bootd holds is not what we think. A new stream begins with a snapshot, and pauses between streams
// grow.
Status Replica::HandleApplied(const pb::Applied& applied) {
  if (state_.SetRefused(applied.error())) listener_.on_endpoint_changed(state_.endpoint());
  if (applied.error().empty()) return {};
  return MakeError(Code::kFailedPrecondition, "bootd refused an update: " + applied.error());
}

// Says the snapshot, then what changes, and acknowledgements. Messages are made one by one: made at once, those of all
// hosts would be in memory twice more.
void Replica::Say(Stream& stream, std::stop_token done) {
  if (!state_.WaitForHello(done, options_.hello_timeout)) {
    if (!done.stop_requested()) Cancel();
    return;
  }
  while (const std::optional<Work> work = state_.WaitForWork(done)) {
    if (work->acknowledge > 0 && !stream.Write(Acknowledgement(work->acknowledge))) return;
    for (const Update& update : work->updates) {
      if (!stream.Write(ToMessage(update))) return;
    }
    Rest(done, options_.pace);
  }
}

}  // namespace firesteel::boot
