#include "bootd/rpc/server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "base/utf8.h"
#include "bootd/rpc/applier.h"
#include "bootd/rpc/news.h"
#include "bootd/rpc/session.h"
#include "firesteel/bootd/v1/bootd.grpc.pb.h"
#include "proto/grpc_status.h"
#include "proto/limits.h"

namespace bootd::rpc {
namespace {

namespace pb = firesteel::contract::pb;
using firesteel::Code;
using firesteel::LogInfo;
using firesteel::LogWarning;
using firesteel::Result;
using firesteel::Status;
using firesteel::contract::ToGrpcStatus;
using Service = pb::BootService::WithRawCallbackMethod_Sync<pb::BootService::Service>;

constexpr std::chrono::milliseconds kNewsPause{500};
// The pause after each batch of news, so that at most about 5,000 events a second go out: strangers cannot make the
// controller write as often as they ask bootd. The event log keeps the events that wait.
constexpr std::chrono::milliseconds kNewsPace{20};
constexpr unsigned kReloadSeconds = 5;
constexpr size_t kMaxIdentity = 256;  // of what the log has of it

std::shared_ptr<grpc::ServerCredentials> Credentials(const ServerOptions& options) {
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions credentials(std::make_shared<tls::FileWatcherCertificateProvider>(
      options.key_file, options.certificate_file, options.client_ca_file, kReloadSeconds));
  credentials.watch_root_certs();
  credentials.watch_identity_key_cert_pairs();
  credentials.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  return tls::TlsServerCredentials(credentials);
}

// Dead peers are noticed within 20 seconds, and controllers may look for us as often.
void SetLimits(grpc::ServerBuilder& builder) {
  // What is over our limit but not over gRPC's ends with our word and is counted.
  builder.SetMaxReceiveMessageSize(static_cast<int>(2 * firesteel::contract::kMaxMessageBytes));
  builder.SetMaxSendMessageSize(static_cast<int>(firesteel::contract::kMaxMessageBytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 8);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8192);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

pb::BootdMessage Hello(const Backend& backend) {
  pb::BootdMessage message;
  *message.mutable_hello() = firesteel::contract::ToProto(backend.Info());
  return message;
}

}  // namespace

class Server::Impl : public Service {
 public:
  explicit Impl(Backend& backend) : backend_(backend) {}
  ~Impl() override;
  Status Start(const ServerOptions& options);
  uint16_t port() const { return port_; }

 private:
  struct Conversation {
    explicit Conversation(Backend& backend) : applier(backend) {}
    Applier applier;           // guarded by apply_mutex_
    std::optional<News> news;  // since the hello; then only the news thread's
  };
  struct Current {
    std::shared_ptr<Session> session;  // nullptr = no controller is there
    std::shared_ptr<Conversation> conversation;
  };

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Sync(grpc::CallbackServerContext* context) override;
  void OnMessage(Session& session, const std::shared_ptr<Conversation>& conversation,
                 const Result<pb::ControllerMessage>& message);
  void Enter(Session& session, const std::shared_ptr<Conversation>& conversation, const std::string& identity);
  void Leave(const Session& session);
  void Handle(Session& session, Conversation& conversation, const pb::ControllerMessage& message);
  void Refuse(Session& session, const firesteel::Error& error);
  bool IsCurrent(const Session& session) const;
  void TellNews(std::stop_token stop);
  void TellSome(Session& session, News& news);

  Backend& backend_;
  uint16_t port_ = 0;
  std::mutex apply_mutex_;    // held while the backend changes; taken before mutex_
  mutable std::mutex mutex_;
  std::condition_variable_any entered_;
  Current current_;  // guarded by mutex_
  std::unique_ptr<grpc::Server> server_;
  std::jthread news_thread_;
};

Status Server::Impl::Start(const ServerOptions& options) {
  firesteel::contract::RouteGrpcLog();
  for (const std::string& file : {options.certificate_file, options.key_file, options.client_ca_file}) {
    const Result<std::string> readable = firesteel::ReadFile(file);
    if (!readable.ok()) return readable.error();
  }
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(options.listen.ToString(), Credentials(options), &port);
  builder.RegisterService(this);
  SetLimits(builder);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    return firesteel::Unavailable("cannot listen on " + options.listen.ToString() + " for gRPC");
  }
  port_ = static_cast<uint16_t>(port);
  backend_.SetConnected(false);
  news_thread_ = std::jthread([this](std::stop_token stop) { TellNews(stop); });
  return {};
}

Server::Impl::~Impl() {
  if (server_ == nullptr) return;
  news_thread_.request_stop();
  Current current;
  {
    std::lock_guard lock(mutex_);
    current = current_;
  }
  if (current.session) current.session->Close({grpc::StatusCode::UNAVAILABLE, "bootd is stopping"});
  backend_.Wake();
  news_thread_.join();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Server::Impl::Sync(
    grpc::CallbackServerContext* context) {
  const auto conversation = std::make_shared<Conversation>(backend_);
  const auto session = std::make_shared<Session>(
      context->peer(), Session::Events{[this, conversation](Session& from, const auto& message) {
                                         OnMessage(from, conversation, message);
                                       },
                                       [this](const Session& from) { Leave(from); }});
  session->Start();
  return session.get();
}

void Server::Impl::OnMessage(Session& session, const std::shared_ptr<Conversation>& conversation,
                             const Result<pb::ControllerMessage>& message) {
  if (!message.ok()) return Refuse(session, message.error());
  const std::lock_guard apply(apply_mutex_);
  if (!conversation->news) {
    if (!message->has_hello()) return Refuse(session, firesteel::InvalidArgument("the first message is the hello"));
    return Enter(session, conversation, message->hello().identity());
  }
  if (IsCurrent(session)) Handle(session, *conversation, *message);
}

void Server::Impl::Refuse(Session& session, const firesteel::Error& error) {
  backend_.CountRefused();
  LogWarning("controller refused", {{"peer", session.peer()}, {"error", error.message}});
  session.Close(ToGrpcStatus(error));
}

void Server::Impl::Enter(Session& session, const std::shared_ptr<Conversation>& conversation,
                         const std::string& identity) {
  conversation->news.emplace(backend_);
  session.Send(Hello(backend_));  // before it is current, so before any news
  Current before;
  {
    std::lock_guard lock(mutex_);
    before = std::exchange(current_, {session.shared_from_this(), conversation});
  }
  entered_.notify_all();
  LogInfo("controller connected", {{"identity", firesteel::CutUtf8(identity, kMaxIdentity)}, {"peer", session.peer()}});
  backend_.SetConnected(true);
  if (!before.session) return;
  before.session->Close(ToGrpcStatus(firesteel::MakeError(Code::kConflict, "another controller has connected")));
  backend_.Wake();  // the news thread may be waiting for the one before
}

void Server::Impl::Leave(const Session& session) {
  {
    std::lock_guard lock(mutex_);
    if (current_.session.get() != &session) return;
    current_ = {};
  }
  LogInfo("controller disconnected", {{"peer", session.peer()}});
  backend_.SetConnected(false);
}

bool Server::Impl::IsCurrent(const Session& session) const {
  std::lock_guard lock(mutex_);
  return current_.session.get() == &session;
}

void Server::Impl::Handle(Session& session, Conversation& conversation, const pb::ControllerMessage& message) {
  pb::BootdMessage answer;
  switch (message.message_case()) {
    case pb::ControllerMessage::kSnapshot: {
      std::optional<pb::Applied> applied = conversation.applier.Take(message.snapshot());
      if (!applied) return;
      *answer.mutable_applied() = std::move(*applied);
      return session.Send(answer);
    }
    case pb::ControllerMessage::kDelta:
      *answer.mutable_applied() = conversation.applier.Take(message.delta());
      return session.Send(answer);
    case pb::ControllerMessage::kEventAck: return backend_.Acknowledge(message.event_ack().cursor());
    case pb::ControllerMessage::kHello:
    case pb::ControllerMessage::MESSAGE_NOT_SET: break;
  }
  Refuse(session, firesteel::InvalidArgument("a message that has no place here"));
}

// The one thread that tells events and statuses, at the pace at which the controller reads.
void Server::Impl::TellNews(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Current current;
    {
      std::unique_lock lock(mutex_);
      if (!entered_.wait(lock, stop, [&] { return current_.session != nullptr; })) return;
      current = current_;
    }
    try {
      TellSome(*current.session, *current.conversation->news);
    } catch (const std::exception& error) {
      firesteel::LogError("news for the controller failed", {{"error", error.what()}});
      current.session->Close({grpc::StatusCode::INTERNAL, "bootd could not tell its news"});
      Leave(*current.session);
    }
  }
}

void Server::Impl::TellSome(Session& session, News& news) {
  const std::vector<pb::BootdMessage> messages = news.Take();
  for (const pb::BootdMessage& message : messages) session.Send(message);
  if (!session.Drain()) {
    Leave(session);
  } else if (messages.empty()) {
    backend_.WaitForNews(news.cursor(), kNewsPause);
  } else {
    std::this_thread::sleep_for(kNewsPace);
  }
}

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Backend& backend) {
  auto impl = std::make_unique<Impl>(backend);
  const Status started = impl->Start(options);
  if (!started.ok()) return started.error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
uint16_t Server::port() const { return impl_->port(); }

}  // namespace bootd::rpc
