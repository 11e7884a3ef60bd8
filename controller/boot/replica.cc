#include "controller/boot/replica.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "firesteel/bootd/v1/bootd.grpc.pb.h"
#include "proto/grpc_status.h"
#include "proto/limits.h"

namespace firesteel::boot {
namespace {

namespace pb = contract::pb;
using contract::Artifact;
using contract::ArtifactStatus;

template <typename List>
void AddEntries(const std::vector<EntryPtr>& entries, List& list) {
  for (const EntryPtr& entry : entries) list.Add()->ParseFromString(entry->message);
}

template <typename List>
void AddArtifacts(const std::vector<Artifact>& artifacts, List& list) {
  for (const Artifact& artifact : artifacts) *list.Add() = ToProto(artifact);
}

pb::ControllerMessage ToMessage(const Update& update) {
  pb::ControllerMessage message;
  switch (update.kind) {
    case Update::Kind::kSnapshot: {
      pb::Snapshot& snapshot = *message.mutable_snapshot();
      snapshot.set_version(update.version);
      snapshot.set_more(update.more);
      AddEntries(update.upsert_entries, *snapshot.mutable_entries());
      AddArtifacts(update.upsert_artifacts, *snapshot.mutable_artifacts());
      for (const std::string& id : update.keep_entries) snapshot.add_keep_entries(id);
      break;
    }
    case Update::Kind::kDelta: {
      pb::Delta& delta = *message.mutable_delta();
      delta.set_version(update.version);
      AddEntries(update.upsert_entries, *delta.mutable_upsert_entries());
      for (const std::string& id : update.remove_entries) delta.add_remove_entries(id);
      AddArtifacts(update.upsert_artifacts, *delta.mutable_upsert_artifacts());
      for (const std::string& name : update.remove_artifacts) delta.add_remove_artifacts(name);
      break;
    }
  }
  return message;
}

int Milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

grpc::ChannelArguments Arguments(const GrpcOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(options.keepalive));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a new connection each time: we pace them
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, Milliseconds(options.hello_timeout));  // for connecting
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(contract::kMaxMessageBytes));
  return arguments;
}

}  // namespace

Replica::Replica(std::string target, const GrpcOptions& options, const Listener& listener)
    : target_(std::move(target)), options_(options), listener_(listener), desired_(contract::kChunkBytes) {
  endpoint_.target = target_;
  thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
}

Replica::~Replica() {
  thread_.request_stop();
  {
    std::lock_guard lock(mutex_);
    if (context_ != nullptr) context_->TryCancel();
  }
  thread_.join();
}

Endpoint Replica::endpoint() const {
  std::lock_guard lock(mutex_);
  return endpoint_;
}

void Replica::AppendArtifacts(std::vector<ArtifactStatus>& all) const {
  std::lock_guard lock(mutex_);
  if (!endpoint_.connected) return;
  all.reserve(all.size() + artifacts_.size());
  for (const auto& [name, status] : artifacts_) {
    const auto it = desired_.artifacts().find(name);
    const bool wanted = it != desired_.artifacts().end() && it->second.url == status.url;
    if (wanted || !synced_) all.push_back(status);
  }
}

template <typename Function>
void Replica::Change(const Function& change) {
  std::lock_guard lock(mutex_);
  const bool had_work = MustAcknowledge() || MustTell();
  change();
  if (!had_work && (MustAcknowledge() || MustTell())) changed_.notify_all();
}

bool Replica::Holds(const std::string& id, const std::string& message) const {
  std::lock_guard lock(mutex_);
  return desired_.Holds(id, message);
}

void Replica::DeclareEntry(const std::string& id, Entry entry) {
  Change([&] { desired_.DeclareEntry(id, std::move(entry)); });
}

void Replica::WithdrawEntry(const std::string& id) {
  Change([&] { desired_.WithdrawEntry(id); });
}

void Replica::KeepEntry(const std::string& id) {
  Change([&] { desired_.KeepEntry(id); });
}

void Replica::SetArtifacts(const std::map<std::string, Artifact>& artifacts) {
  Change([&] {
    // What is withdrawn and comes back later begins anew: bootd will tell.
    for (const auto& [name, artifact] : desired_.artifacts()) {
      if (artifacts.count(name) == 0) artifacts_.erase(name);
    }
    desired_.SetArtifacts(artifacts);
  });
}

void Replica::Acknowledge(uint64_t cursor) {
  Change([&] { cursors_.Acknowledge(cursor); });
}

void Replica::MarkSynced() {
  Change([&] {
    std::erase_if(artifacts_, [&](const auto& item) { return desired_.artifacts().count(item.first) == 0; });
    synced_ = true;
  });
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
  const std::chrono::milliseconds delay(std::uniform_int_distribution<int64_t>(longest / 2, longest)(random));
  Rest(stop, delay);
}

void Replica::Rest(std::stop_token stop, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  rest_.wait_for(lock, stop, time, [] { return false; });
}

Result<std::shared_ptr<grpc::Channel>> Replica::Connect() const {
  grpc::SslCredentialsOptions tls;
  const std::pair<const std::string&, std::string&> files[] = {{options_.ca_file, tls.pem_root_certs},
                                                               {options_.certificate_file, tls.pem_cert_chain},
                                                               {options_.key_file, tls.pem_private_key}};
  for (const auto& [path, pem] : files) {
    const Result<std::string> content = ReadFile(path);
    if (!content.ok()) return content.error();
    // gRPC takes "" for "whatever the system trusts".
    if (content->empty()) return InvalidArgument(path + " is empty");
    pem = *content;
  }
  return grpc::CreateCustomChannel(target_, grpc::SslCredentials(tls), Arguments(options_));
}

// One connection, from hello to its end. False = it was of no use: wait longer before the next.
bool Replica::Converse(std::stop_token stop) {
  const Result<std::shared_ptr<grpc::Channel>> channel = Connect();
  if (!channel.ok()) {
    Part(channel.error());
    return false;
  }
  grpc::ClientContext context;
  {
    std::lock_guard lock(mutex_);
    context_ = &context;
    acknowledged_ = 0;
    begun_ = false;
    if (stop.stop_requested()) context.TryCancel();
  }
  const std::unique_ptr<Stream> stream = pb::BootService::NewStub(*channel)->Sync(&context);  // waits to connect
  std::jthread writer([&](std::stop_token done) { Write(*stream, done); });
  const Status heard = Hear(*stream);
  if (!heard.ok()) context.TryCancel();  // it is we who end it
  writer.request_stop();
  writer.join();
  const Status finished = contract::FromGrpcStatus(stream->Finish());
  const bool greeted = endpoint().connected;
  Part(heard.ok() ? finished : heard);
  return greeted && heard.ok() && (finished.ok() || finished.error().code != Code::kConflict);
}

// Until the stream ends, or until it makes no sense any more: then the Error says why.
Status Replica::Hear(Stream& stream) {
  pb::ControllerMessage hello;
  hello.mutable_hello()->set_identity(options_.identity);
  pb::BootdMessage message;
  if (!stream.Write(hello) || !stream.Read(&message)) return {};
  if (!message.has_hello()) return InvalidArgument("bootd's first message is not its hello");
  const Result<contract::BootdInfo> info = contract::FromProto(message.hello());
  if (!info.ok()) return info.error();
  Greet(*info);
  while (stream.Read(&message)) {
    Status handled = Handle(message);
    if (!handled.ok()) return handled;
  }
  return {};
}

void Replica::Greet(const contract::BootdInfo& info) {
  {
    std::lock_guard lock(mutex_);
    cursors_.Begin(info.instance_id);
    artifacts_.clear();
    for (const ArtifactStatus& status : info.artifacts) artifacts_.insert_or_assign(status.name, status);
    endpoint_.instance_id = info.instance_id;
    endpoint_.http_base_url = info.http_base_url;
    endpoint_.https_base_url = info.https_base_url;
    endpoint_.connected = true;
    changed_.notify_all();
  }
  LogInfo("bootd connected", {{"target", target_}, {"version", info.version}, {"http", info.http_base_url}});
  listener_.on_endpoint_changed(endpoint());
}

void Replica::Part(const Status& status) {
  bool greeted = false;
  {
    std::lock_guard lock(mutex_);
    context_ = nullptr;
    greeted = std::exchange(endpoint_.connected, false);
  }
  LogWarning(greeted ? "bootd disconnected" : "bootd not reachable",
             {{"target", target_}, {"error", status.ok() ? "it ended the stream" : status.error().message}});
  if (greeted) listener_.on_endpoint_changed(endpoint());
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
  {
    std::lock_guard lock(mutex_);
    event->cursor = cursors_.Seen(event->cursor);
  }
  listener_.on_event(target_, *event);
}

void Replica::HandleArtifact(const pb::ArtifactStatus& message) {
  const Result<ArtifactStatus> status = contract::FromProto(message);
  if (!status.ok()) {
    LogWarning("artifact status ignored", {{"target", target_}, {"error", status.error().message}});
    return;
  }
  {
    std::lock_guard lock(mutex_);
    artifacts_.insert_or_assign(status->name, *status);
  }
  listener_.on_artifact_changed(target_, *status);
}

// After a refusal what bootd holds is not what we think: start over with a snapshot, on a new stream so
// that the pauses grow.
Status Replica::HandleApplied(const pb::Applied& applied) {
  bool changed = false;
  {
    std::lock_guard lock(mutex_);
    changed = std::exchange(endpoint_.refused, applied.error()) != applied.error();
  }
  if (changed) listener_.on_endpoint_changed(endpoint());
  if (applied.error().empty()) return {};
  return MakeError(Code::kFailedPrecondition, "bootd refused an update: " + applied.error());
}

// Sends the snapshot, then what changes, and acknowledgements. Messages are made one by one: all hosts' at once
// would be in memory twice more.
void Replica::Write(Stream& stream, std::stop_token done) {
  if (!WaitForHello(done)) return;
  while (const std::optional<Work> work = WaitForWork(done)) {
    pb::ControllerMessage acknowledgement;
    acknowledgement.mutable_event_ack()->set_cursor(work->acknowledge);
    if (work->acknowledge > 0 && !stream.Write(acknowledgement)) return;
    for (const Update& update : work->updates) {
      if (!stream.Write(ToMessage(update))) return;
    }
    Rest(done, options_.pace);
  }
}

bool Replica::WaitForHello(std::stop_token done) {
  std::unique_lock lock(mutex_);
  const bool greeted = changed_.wait_for(lock, done, options_.hello_timeout, [&] { return endpoint_.connected; });
  if (!greeted && !done.stop_requested()) context_->TryCancel();
  return greeted;
}

bool Replica::MustAcknowledge() const { return cursors_.acknowledged() > acknowledged_; }

bool Replica::MustTell() const { return synced_ && (!begun_ || desired_.has_changes()); }

std::optional<Replica::Work> Replica::WaitForWork(std::stop_token done) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, done, [&] { return MustAcknowledge() || MustTell(); });
  if (done.stop_requested()) return std::nullopt;
  Work work;
  if (MustAcknowledge()) work.acknowledge = acknowledged_ = cursors_.acknowledged();
  if (MustTell()) work.updates = begun_ ? desired_.TakeChanges() : desired_.TakeSnapshot();
  begun_ = begun_ || !work.updates.empty();
  return work;
}

}  // namespace firesteel::boot
