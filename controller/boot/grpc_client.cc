#include "controller/boot/grpc_client.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "controller/boot/desired_state.h"
#include "firesteel/bootd/v1/bootd.grpc.pb.h"
#include "proto/convert.h"

namespace firesteel::boot {
namespace {

namespace pb = ::firesteel::bootd::v1;
using contract::Artifact;
using contract::ArtifactStatus;
using contract::BootEntry;
using Stream = grpc::ClientReaderWriter<pb::ControllerMessage, pb::BootdMessage>;

constexpr int kMaxMessage = 64 << 20;

// One replica: its connection, and what it shall hold.
class Replica {
 public:
  Replica(std::string target, const GrpcOptions& options, const Listener& listener)
      : target_(std::move(target)), options_(options), listener_(listener) {
    endpoint_.target = target_;
    thread_ = std::jthread([this](std::stop_token stop) { Run(stop); });
  }
  ~Replica() {
    thread_.request_stop();
    {
      std::lock_guard lock(mutex_);
      if (context_ != nullptr) context_->TryCancel();
    }
    changed_.notify_all();
    thread_.join();
  }

  const std::string& target() const { return target_; }

  Endpoint endpoint() const {
    std::lock_guard lock(mutex_);
    return endpoint_;
  }
  void Change(const std::function<void(DesiredState&)>& change) {
    {
      std::lock_guard lock(mutex_);
      change(desired_);
    }
    changed_.notify_all();
  }
  void MarkSynced() {
    {
      std::lock_guard lock(mutex_);
      synced_ = true;
    }
    changed_.notify_all();
  }
  void Acknowledge(uint64_t cursor) {
    {
      std::lock_guard lock(mutex_);
      ack_ = std::max(ack_, cursor);
    }
    changed_.notify_all();
  }
  void AppendArtifacts(std::vector<ArtifactStatus>& all) const {
    std::lock_guard lock(mutex_);
    if (!endpoint_.connected) return;
    for (const auto& [name, status] : artifacts_) all.push_back(status);
  }

 private:
  void Run(std::stop_token stop) {
    int failures = 0;
    while (!stop.stop_requested()) {
      const bool talked = Converse(stop);
      failures = talked ? 1 : failures + 1;
      Pause(stop, failures);
    }
  }

  void Pause(std::stop_token stop, int failures) {
    thread_local std::minstd_rand random{std::random_device{}()};
    const int cap = std::min(10000, 250 << std::min(failures, 6));
    const std::chrono::milliseconds delay(std::uniform_int_distribution<int>(cap / 2, cap)(random));
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, delay, [] { return false; });
  }

  std::shared_ptr<grpc::Channel> Connect() const {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = ReadFile(options_.ca_file).ok() ? *ReadFile(options_.ca_file) : "";
    const Result<std::string> cert = ReadFile(options_.certificate_file);
    const Result<std::string> key = ReadFile(options_.key_file);
    if (cert.ok()) tls.pem_cert_chain = *cert;
    if (key.ok()) tls.pem_private_key = *key;
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(kMaxMessage);
    return grpc::CreateCustomChannel(target_, grpc::SslCredentials(tls), arguments);
  }

  // One connection, from hello to its end; whether bootd said hello.
  bool Converse(std::stop_token stop) {
    grpc::ClientContext context;
    const auto stub = pb::BootService::NewStub(Connect());
    const std::unique_ptr<Stream> stream = stub->Sync(&context);
    {
      std::lock_guard lock(mutex_);
      context_ = &context;
      if (stop.stop_requested()) context.TryCancel();
    }
    pb::ControllerMessage hello;
    hello.mutable_hello()->set_identity(options_.identity);
    pb::BootdMessage message;
    const bool talked = stream->Write(hello) && stream->Read(&message) && message.has_hello();
    if (talked) {
      Greet(message.hello());
      std::jthread writer([&](std::stop_token done) { Write(*stream, done); });
      while (stream->Read(&message)) Handle(message);
      writer.request_stop();
      changed_.notify_all();
    }
    context.TryCancel();
    const grpc::Status status = stream->Finish();
    Part(talked, status.error_message());
    return talked;
  }

  void Greet(const pb::BootdHello& hello) {
    {
      std::lock_guard lock(mutex_);
      // Another process: its cursors start again.
      if (endpoint_.instance_id != hello.instance_id()) ack_ = 0;
      acked_ = 0;
      artifacts_.clear();
      endpoint_.instance_id = hello.instance_id();
      endpoint_.http_base_url = hello.http_base_url();
      endpoint_.https_base_url = hello.https_base_url();
      endpoint_.connected = true;
    }
    LogInfo("bootd connected", {{"target", target_}, {"version", hello.version()}, {"http", hello.http_base_url()}});
    listener_.on_endpoint_changed(endpoint());
  }

  void Part(bool talked, const std::string& why) {
    {
      std::lock_guard lock(mutex_);
      context_ = nullptr;
      endpoint_.connected = false;
    }
    LogWarning(talked ? "bootd disconnected" : "bootd not reachable", {{"target", target_}, {"error", why}});
    if (talked) listener_.on_endpoint_changed(endpoint());
  }

  // Sends the snapshot, then what changes, and acknowledgements.
  void Write(Stream& stream, std::stop_token done) {
    uint64_t version = 0;
    DesiredState sent;
    bool open = true;
    while (open && !done.stop_requested()) {
      std::vector<pb::ControllerMessage> messages;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, done, [&] { return ack_ > acked_ || (synced_ && (version == 0 || desired_ != sent)); });
        if (done.stop_requested()) return;
        if (synced_ && (version == 0 || desired_ != sent)) {
          messages.push_back(version == 0 ? Snapshot(desired_) : Delta(version + 1, Diff(sent, desired_)));
          ++version;
          sent = desired_;
        }
        if (ack_ > acked_) {
          messages.emplace_back().mutable_event_ack()->set_cursor(ack_);
          acked_ = ack_;
        }
      }
      for (const pb::ControllerMessage& message : messages) open = open && stream.Write(message);
    }
  }

  static pb::ControllerMessage Snapshot(const DesiredState& desired) {
    pb::ControllerMessage message;
    message.mutable_snapshot()->set_version(1);
    for (const auto& [id, entry] : desired.entries) *message.mutable_snapshot()->add_entries() = ToProto(entry);
    for (const auto& [name, artifact] : desired.artifacts) {
      *message.mutable_snapshot()->add_artifacts() = ToProto(artifact);
    }
    return message;
  }

  static pb::ControllerMessage Delta(uint64_t version, const Difference& difference) {
    pb::ControllerMessage message;
    pb::Delta& delta = *message.mutable_delta();
    delta.set_version(version);
    for (const BootEntry& entry : difference.upsert_entries) *delta.add_upsert_entries() = ToProto(entry);
    for (const std::string& id : difference.remove_entries) delta.add_remove_entries(id);
    for (const Artifact& artifact : difference.upsert_artifacts) *delta.add_upsert_artifacts() = ToProto(artifact);
    for (const std::string& name : difference.remove_artifacts) delta.add_remove_artifacts(name);
    return message;
  }

  void Handle(const pb::BootdMessage& message) {
    if (message.has_event()) {
      const Result<contract::BootEvent> event = contract::FromProto(message.event());
      if (event.ok()) listener_.on_event(target_, *event);
    } else if (message.has_artifact_status()) {
      const Result<ArtifactStatus> status = contract::FromProto(message.artifact_status());
      if (!status.ok()) return;
      {
        std::lock_guard lock(mutex_);
        artifacts_[status->name] = *status;
      }
      listener_.on_artifact_changed(target_, *status);
    } else if (message.has_applied() && !message.applied().error().empty()) {
      // Start over with a snapshot: what bootd holds is then known again.
      LogError("bootd refused an update", {{"target", target_}, {"error", message.applied().error()}});
      std::lock_guard lock(mutex_);
      if (context_ != nullptr) context_->TryCancel();
    }
  }

  const std::string target_;
  const GrpcOptions& options_;
  const Listener& listener_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  Endpoint endpoint_;                                // guarded by mutex_, as is all below
  DesiredState desired_;
  bool synced_ = false;
  uint64_t ack_ = 0;    // wanted
  uint64_t acked_ = 0;  // sent on this connection
  std::map<std::string, ArtifactStatus> artifacts_;
  grpc::ClientContext* context_ = nullptr;
  std::jthread thread_;
};

class GrpcClient : public Client {
 public:
  GrpcClient(GrpcOptions options, Listener listener) : options_(std::move(options)), listener_(std::move(listener)) {
    for (const std::string& target : options_.targets) {
      replicas_.push_back(std::make_unique<Replica>(target, options_, listener_));
    }
  }

  std::vector<Endpoint> Endpoints() const override {
    std::vector<Endpoint> endpoints;
    for (const auto& replica : replicas_) {
      Endpoint endpoint = replica->endpoint();
      if (!endpoint.instance_id.empty()) endpoints.push_back(std::move(endpoint));
    }
    return endpoints;
  }
  void DeclareEntry(const std::string& target, const BootEntry& entry) override {
    for (const auto& replica : replicas_) {
      if (replica->target() != target) continue;
      replica->Change([&](DesiredState& desired) { desired.entries[entry.id] = entry; });
    }
  }
  void WithdrawEntry(const std::string& id) override {
    for (const auto& replica : replicas_) {
      replica->Change([&](DesiredState& desired) { desired.entries.erase(id); });
    }
  }
  void DeclareArtifacts(const std::string& owner, std::vector<Artifact> artifacts) override {
    std::lock_guard lock(mutex_);
    by_owner_[owner] = std::move(artifacts);
    Distribute();
  }
  void WithdrawArtifacts(const std::string& owner) override {
    std::lock_guard lock(mutex_);
    by_owner_.erase(owner);
    Distribute();
  }
  std::vector<ArtifactStatus> Artifacts() const override {
    std::vector<ArtifactStatus> all;
    for (const auto& replica : replicas_) replica->AppendArtifacts(all);
    return all;
  }
  void Acknowledge(const std::string& target, uint64_t cursor) override {
    for (const auto& replica : replicas_) {
      if (replica->target() == target) replica->Acknowledge(cursor);
    }
  }
  void MarkSynced(const std::string& target) override {
    for (const auto& replica : replicas_) {
      if (replica->target() == target) replica->MarkSynced();
    }
  }

 private:
  // Only with mutex_ held.
  void Distribute() {
    std::map<std::string, Artifact> all;
    for (const auto& [owner, artifacts] : by_owner_) {
      for (const Artifact& artifact : artifacts) all[artifact.name] = artifact;
    }
    for (const auto& replica : replicas_) {
      replica->Change([&](DesiredState& desired) { desired.artifacts = all; });
    }
  }

  const GrpcOptions options_;
  const Listener listener_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Artifact>> by_owner_;  // guarded by mutex_
  std::vector<std::unique_ptr<Replica>> replicas_;         // last: its threads use the above
};

}  // namespace

std::unique_ptr<Client> NewGrpcClient(GrpcOptions options, Listener listener) {
  return std::make_unique<GrpcClient>(std::move(options), std::move(listener));
}

}  // namespace firesteel::boot
