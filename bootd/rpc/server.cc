#include "bootd/rpc/server.h"

#include <grpcpp/grpcpp.h>

#include <map>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "firesteel/bootd/v1/bootd.grpc.pb.h"
#include "proto/convert.h"

namespace bootd::rpc {
namespace {

namespace pb = firesteel::bootd::v1;
using firesteel::Result;
using firesteel::Status;
using firesteel::contract::Artifact;
using firesteel::contract::ArtifactStatus;
using firesteel::contract::BootEntry;
using firesteel::contract::BootEvent;
using firesteel::contract::FromProto;
using firesteel::contract::ToProto;
using Stream = grpc::ServerReaderWriter<pb::BootdMessage, pb::ControllerMessage>;

constexpr int kMaxMessage = 64 << 20;  // a snapshot of 10,000 hosts with their stage 2
constexpr size_t kEventsAtOnce = 100;
constexpr std::chrono::milliseconds kWriterPause{1000};

template <typename To, typename From>
Result<std::vector<To>> FromProtoList(const From& list) {
  std::vector<To> result;
  for (const auto& item : list) {
    Result<To> converted = FromProto(item);
    if (!converted.ok()) return converted.error();
    result.push_back(std::move(*converted));
  }
  return result;
}

// What the controller declared, applied whole or refused whole.
class Applier {
 public:
  explicit Applier(Core core) : core_(core) {}

  Status Snapshot(const pb::Snapshot& snapshot) {
    Result<std::vector<BootEntry>> entries = FromProtoList<BootEntry>(snapshot.entries());
    if (!entries.ok()) return entries.error();
    Result<std::vector<Artifact>> artifacts = FromProtoList<Artifact>(snapshot.artifacts());
    if (!artifacts.ok()) return artifacts.error();
    boot_ids_.clear();
    for (const BootEntry& entry : *entries) boot_ids_[entry.id] = entry.boot_id;
    Status applied = core_.table.Replace(std::move(*entries));
    if (!applied.ok()) return applied;
    artifacts_.clear();
    for (Artifact& artifact : *artifacts) artifacts_[artifact.name] = std::move(artifact);
    version_ = snapshot.version();
    Publish();
    return {};
  }

  Status Delta(const pb::Delta& delta) {
    if (delta.version() != version_ + 1) {
      return firesteel::InvalidArgument("delta " + std::to_string(delta.version()) + " does not follow version " +
                                        std::to_string(version_));
    }
    Result<std::vector<BootEntry>> entries = FromProtoList<BootEntry>(delta.upsert_entries());
    if (!entries.ok()) return entries.error();
    Result<std::vector<Artifact>> artifacts = FromProtoList<Artifact>(delta.upsert_artifacts());
    if (!artifacts.ok()) return artifacts.error();
    const std::vector<std::string> removed(delta.remove_entries().begin(), delta.remove_entries().end());
    for (const std::string& id : removed) boot_ids_.erase(id);
    for (const BootEntry& entry : *entries) boot_ids_[entry.id] = entry.boot_id;
    Status applied = core_.table.Apply(std::move(*entries), removed);
    if (!applied.ok()) return applied;
    for (const std::string& name : delta.remove_artifacts()) artifacts_.erase(name);
    const bool changed = !artifacts->empty() || delta.remove_artifacts_size() > 0;
    for (Artifact& artifact : *artifacts) artifacts_[artifact.name] = std::move(artifact);
    version_ = delta.version();
    if (changed) Publish();
    return {};
  }

 private:
  void Publish() {
    std::vector<Artifact> all;
    for (const auto& [name, artifact] : artifacts_) all.push_back(artifact);
    core_.mirror.SetDesired(std::move(all));
    std::set<std::string> boot_ids;
    for (const auto& [id, boot_id] : boot_ids_) boot_ids.insert(boot_id);
    core_.deliveries.KeepOnly(boot_ids);
  }

  Core core_;
  uint64_t version_ = 0;
  std::map<std::string, Artifact> artifacts_;
  std::map<std::string, std::string> boot_ids_;  // by entry id
};

}  // namespace

class Server::Impl : public pb::BootService::Service {
 public:
  Impl(Core core, Identity identity) : core_(core), identity_(std::move(identity)) {}
  ~Impl() override {
    stopping_ = true;
    core_.events.Wake();
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  }

  Status Start(const Options& options) {
    const Result<std::string> cert = firesteel::ReadFile(options.certificate_file);
    const Result<std::string> key = firesteel::ReadFile(options.key_file);
    const Result<std::string> ca = firesteel::ReadFile(options.ca_file);
    for (const auto* file : {&cert, &key, &ca}) {
      if (!file->ok()) return file->error();
    }
    grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = *ca;
    tls.pem_key_cert_pairs.push_back({*key, *cert});
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(options.listen.ToString(), grpc::SslServerCredentials(tls), &port);
    builder.SetMaxReceiveMessageSize(kMaxMessage);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20000);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port == 0) {
      return firesteel::Unavailable("cannot listen on " + options.listen.ToString() + " for gRPC");
    }
    port_ = static_cast<uint16_t>(port);
    return {};
  }
  uint16_t port() const { return port_; }

  void Publish(const ArtifactStatus& status) {
    {
      std::lock_guard lock(mutex_);
      changed_artifacts_[status.name] = status;
    }
    core_.events.Wake();
  }

  grpc::Status Sync(grpc::ServerContext* context, Stream* stream) override {
    pb::ControllerMessage message;
    if (!stream->Read(&message) || !message.has_hello()) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "the first message is the hello"};
    }
    const uint64_t turn = Enter(context);
    firesteel::LogInfo("controller connected", {{"identity", message.hello().identity()}, {"peer", context->peer()}});
    Write(*stream, Hello());
    std::jthread writer([&](std::stop_token stop) { StreamOut(*stream, stop, turn); });
    Applier applier(core_);
    while (stream->Read(&message)) Handle(message, applier, *stream);
    writer.request_stop();
    core_.events.Wake();
    writer.join();
    const bool replaced = !Leave(context, turn);
    firesteel::LogInfo("controller disconnected", {{"replaced", replaced ? "true" : "false"}});
    if (replaced) return {grpc::StatusCode::ABORTED, "another controller has connected"};
    return grpc::Status::OK;
  }

 private:
  // The newest stream wins: the one before is cancelled.
  uint64_t Enter(grpc::ServerContext* context) {
    std::lock_guard lock(mutex_);
    if (current_ != nullptr) current_->TryCancel();
    current_ = context;
    for (const ArtifactStatus& status : core_.mirror.Statuses()) changed_artifacts_[status.name] = status;
    return ++turn_;
  }
  bool Leave(const grpc::ServerContext* context, uint64_t turn) {
    std::lock_guard lock(mutex_);
    if (current_ == context) current_ = nullptr;
    return turn == turn_;
  }

  void Handle(const pb::ControllerMessage& message, Applier& applier, Stream& stream) {
    switch (message.message_case()) {
      case pb::ControllerMessage::kSnapshot:
        return Answer(message.snapshot().version(), applier.Snapshot(message.snapshot()), stream);
      case pb::ControllerMessage::kDelta:
        return Answer(message.delta().version(), applier.Delta(message.delta()), stream);
      case pb::ControllerMessage::kEventAck: return core_.events.Acknowledge(message.event_ack().cursor());
      case pb::ControllerMessage::kHello:
      case pb::ControllerMessage::MESSAGE_NOT_SET: return;
    }
  }

  void Answer(uint64_t version, const Status& status, Stream& stream) {
    pb::BootdMessage message;
    message.mutable_applied()->set_version(version);
    if (!status.ok()) {
      message.mutable_applied()->set_error(status.error().message);
      firesteel::LogWarning("update refused", {{"version", version}, {"error", status.error().message}});
    }
    Write(stream, message);
  }

  pb::BootdMessage Hello() const {
    pb::BootdMessage message;
    pb::BootdHello& hello = *message.mutable_hello();
    hello.set_instance_id(identity_.instance_id);
    hello.set_http_base_url(identity_.http_base_url);
    hello.set_https_base_url(identity_.https_base_url);
    hello.set_version(FIRESTEEL_VERSION);
    return message;
  }

  void StreamOut(Stream& stream, std::stop_token stop, uint64_t turn) {
    uint64_t cursor = core_.events.acknowledged();
    bool open = true;
    while (open && !stop.stop_requested() && !stopping_) {
      open = WriteArtifacts(stream, turn);
      const std::vector<BootEvent> events = core_.events.Since(cursor, kEventsAtOnce);
      for (const BootEvent& event : events) {
        pb::BootdMessage message;
        *message.mutable_event() = ToProto(event);
        open = open && Write(stream, message);
        cursor = event.cursor;
      }
      if (events.empty()) core_.events.WaitAfter(cursor, kWriterPause);
    }
  }

  bool WriteArtifacts(Stream& stream, uint64_t turn) {
    std::map<std::string, ArtifactStatus> changed;
    {
      std::lock_guard lock(mutex_);
      if (turn != turn_) return false;
      changed.swap(changed_artifacts_);
    }
    bool open = true;
    for (const auto& [name, status] : changed) {
      pb::BootdMessage message;
      *message.mutable_artifact_status() = ToProto(status);
      open = open && Write(stream, message);
    }
    return open;
  }

  bool Write(Stream& stream, const pb::BootdMessage& message) {
    std::lock_guard lock(write_mutex_);  // gRPC allows one writer at a time
    return stream.Write(message);
  }

  Core core_;
  const Identity identity_;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex write_mutex_;
  std::mutex mutex_;
  grpc::ServerContext* current_ = nullptr;                     // guarded by mutex_
  uint64_t turn_ = 0;                                          // guarded by mutex_
  std::map<std::string, ArtifactStatus> changed_artifacts_;  // guarded by mutex_
  std::unique_ptr<grpc::Server> server_;
};

Result<std::unique_ptr<Server>> Server::Start(const Options& options, Core core, Identity identity) {
  auto impl = std::make_unique<Impl>(core, std::move(identity));
  const Status started = impl->Start(options);
  if (!started.ok()) return started.error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
uint16_t Server::port() const { return impl_->port(); }
void Server::Publish(const ArtifactStatus& status) { impl_->Publish(status); }

}  // namespace bootd::rpc
