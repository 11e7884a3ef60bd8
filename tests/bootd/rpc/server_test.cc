// The server against a bare gRPC client, over TCP and TLS.
#include "bootd/rpc/server.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <thread>

#include "firesteel/bootd/v1/bootd.grpc.pb.h"
#include "proto/convert.h"
#include "proto/limits.h"
#include "tests/bootd/rpc/certificates.h"
#include "tests/bootd/rpc/fake_backend.h"

namespace bootd::rpc {
namespace {

namespace pb = firesteel::contract::pb;
using firesteel::contract::ToProto;

std::string Content(const std::string& path) { return path.empty() ? "" : *firesteel::ReadFile(path); }

// A controller that only does what a test tells it.
class Peer {
 public:
  Peer(uint16_t port, const CertificateFiles& files) {
    grpc::SslCredentialsOptions tls{Content(files.ca), Content(files.key), Content(files.certificate)};
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::SslCredentials(tls), arguments);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    stream_ = pb::BootService::NewStub(channel_)->Sync(&context_);
  }
  ~Peer() {
    context_.TryCancel();
    if (!finished_) (void)stream_->Finish();
  }

  bool SayHello() {
    pb::ControllerMessage message;
    message.mutable_hello()->set_identity("test");
    pb::BootdMessage answer;
    return stream_->Write(message) && stream_->Read(&answer) && answer.has_hello();
  }
  bool Write(const pb::ControllerMessage& message) { return stream_->Write(message); }
  pb::BootdMessage Read() {
    pb::BootdMessage message;
    if (!stream_->Read(&message)) message.Clear();
    return message;
  }
  grpc::Status Finish() {
    finished_ = true;
    pb::BootdMessage message;
    while (stream_->Read(&message)) {}
    return stream_->Finish();
  }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<pb::ControllerMessage, pb::BootdMessage>> stream_;
  bool finished_ = false;
};

pb::ControllerMessage ASnapshot(std::vector<firesteel::contract::BootEntry> entries) {
  pb::ControllerMessage message;
  message.mutable_snapshot()->set_version(1);
  for (const auto& entry : entries) *message.mutable_snapshot()->add_entries() = ToProto(entry);
  return message;
}

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    files_ = authority_.Server();
    auto server = Server::Start({{"127.0.0.1", 0}, files_.certificate, files_.key, files_.ca}, backend_);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }
  std::unique_ptr<Peer> Connect() { return std::make_unique<Peer>(server_->port(), authority_.Client()); }

  // Proves that the service still serves.
  void ExpectServes() {
    const auto peer = Connect();
    ASSERT_TRUE(peer->SayHello());
    ASSERT_TRUE(peer->Write(ASnapshot({AnEntry("d/proof", 77)})));
    const pb::BootdMessage answer = peer->Read();
    EXPECT_TRUE(answer.has_applied());
    EXPECT_EQ(answer.applied().error(), "");
  }

  Authority authority_{"test"};
  CertificateFiles files_;
  FakeBackend backend_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AppliesASnapshotAndAnswers) {
  const auto peer = Connect();
  ASSERT_TRUE(peer->SayHello());
  ASSERT_TRUE(peer->Write(ASnapshot({AnEntry("d/a", 1)})));
  EXPECT_EQ(peer->Read().applied().version(), 1u);
  EXPECT_TRUE(backend_.WaitUntil([&] { return backend_.entries.count("d/a") == 1 && backend_.connected; }));
}

TEST_F(ServerTest, KeepsWhatItHoldsWhenTheStreamEnds) {
  {
    const auto peer = Connect();
    ASSERT_TRUE(peer->SayHello());
    ASSERT_TRUE(peer->Write(ASnapshot({AnEntry("d/a", 1)})));
    ASSERT_TRUE(peer->Read().has_applied());
  }
  EXPECT_TRUE(backend_.WaitUntil([&] { return !backend_.connected; }));
  EXPECT_EQ(backend_.entries.count("d/a"), 1u);
}

TEST_F(ServerTest, TheNewestStreamWinsAndTheOlderIsToldWhy) {
  const auto older = Connect();
  ASSERT_TRUE(older->SayHello());
  const auto newer = Connect();
  ASSERT_TRUE(newer->SayHello());
  const grpc::Status status = older->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(status.error_message(), "another controller has connected");
  ASSERT_TRUE(newer->Write(ASnapshot({AnEntry("d/a", 1)})));
  EXPECT_EQ(newer->Read().applied().version(), 1u);
}

TEST_F(ServerTest, RefusesAStreamThatDoesNotBeginWithAHello) {
  const auto peer = Connect();
  ASSERT_TRUE(peer->Write(ASnapshot({})));
  EXPECT_EQ(peer->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(backend_.snapshots, 0);
  ExpectServes();
}

TEST_F(ServerTest, RefusesBytesThatAreNoMessageWithoutHarm) {
  const auto peer = Connect();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const grpc::internal::RpcMethod method("/firesteel.bootd.v1.BootService/Sync",
                                         grpc::internal::RpcMethod::BIDI_STREAMING, peer->channel());
  const std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> raw(
      grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(peer->channel().get(), method,
                                                                                           &context));
  const grpc::Slice garbage("\xff\xff\xff\xff garbage");
  raw->Write(grpc::ByteBuffer(&garbage, 1));
  EXPECT_EQ(raw->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(backend_.WaitUntil([&] { return backend_.refused == 1; }));
  ExpectServes();
}

TEST_F(ServerTest, RefusesAnOversizedMessageWithoutHarm) {
  const auto peer = Connect();
  ASSERT_TRUE(peer->SayHello());
  pb::ControllerMessage message;
  message.mutable_snapshot()->add_entries()->set_hold_reason(
      std::string(firesteel::contract::kMaxMessageBytes + 1, 'x'));
  peer->Write(message);
  EXPECT_EQ(peer->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(backend_.WaitUntil([&] { return backend_.refused == 1; }));
  EXPECT_EQ(backend_.snapshots, 0);
  ExpectServes();
}

TEST_F(ServerTest, TellsEventsFromTheOldestThatIsNotAcknowledged) {
  for (const char* detail : {"1", "2", "3"}) backend_.log.Append(AnEvent("d/a", detail));
  {
    const auto peer = Connect();
    ASSERT_TRUE(peer->SayHello());
    for (const char* detail : {"1", "2", "3"}) EXPECT_EQ(peer->Read().event().detail(), detail);
    pb::ControllerMessage ack;
    ack.mutable_event_ack()->set_cursor(2);
    ASSERT_TRUE(peer->Write(ack));
    ASSERT_TRUE(backend_.WaitUntil([&] { return backend_.Acknowledged() == 2; }));
  }
  const auto peer = Connect();
  ASSERT_TRUE(peer->SayHello());
  EXPECT_EQ(peer->Read().event().detail(), "3");
  backend_.log.Append(AnEvent("d/a", "4"));
  EXPECT_EQ(peer->Read().event().detail(), "4");
}

TEST_F(ServerTest, EventsWithBytesThatAreNoTextStillArrive) {
  backend_.log.Append(AnEvent("d/a", "file \xff\xfe.efi"));
  const auto peer = Connect();
  ASSERT_TRUE(peer->SayHello());
  EXPECT_EQ(peer->Read().event().detail(), "file \xef\xbf\xbd\xef\xbf\xbd.efi");
}

TEST_F(ServerTest, AMessageThatCannotBeHandledEndsItsStreamAndNothingElse) {
  const auto peer = Connect();
  ASSERT_TRUE(peer->SayHello());
  backend_.throws = true;
  ASSERT_TRUE(peer->Write(ASnapshot({AnEntry("d/a", 1)})));
  EXPECT_EQ(peer->Finish().error_code(), grpc::StatusCode::INTERNAL);
  backend_.throws = false;
  ExpectServes();
}

TEST_F(ServerTest, NewsThatCannotBeToldEndsItsStreamAndNothingElse) {
  backend_.throws = true;
  const auto peer = Connect();
  EXPECT_TRUE(peer->SayHello());
  EXPECT_EQ(peer->Finish().error_code(), grpc::StatusCode::INTERNAL);
  backend_.throws = false;
  ExpectServes();
}

TEST_F(ServerTest, AnIdentityOfAnySizeAndBytesIsTaken) {
  for (const std::string& identity : {std::string(1 << 20, 'i'), std::string(), std::string("\xe2\x82\xac\n\x1b[31m")}) {
    const auto peer = Connect();
    pb::ControllerMessage message;
    message.mutable_hello()->set_identity(identity);
    ASSERT_TRUE(peer->Write(message));
    EXPECT_TRUE(peer->Read().has_hello());
  }
  ExpectServes();
}

TEST_F(ServerTest, AStatusWithBytesThatAreNoTextOrFarTooManyStillArrives) {
  firesteel::contract::ArtifactStatus status;
  status.name = "a";
  status.url = "http://mirror/a";
  status.state = firesteel::contract::ArtifactState::kRetrying;
  status.error = "the mirror said \xff" + std::string(1 << 20, 'x');
  backend_.SetStatus(status);
  const auto peer = Connect();
  ASSERT_TRUE(peer->SayHello());
  const std::string error = peer->Read().artifact_status().error();
  EXPECT_EQ(error.rfind("the mirror said \xef\xbf\xbdxxx", 0), 0u) << error.substr(0, 40);
  EXPECT_LE(error.size(), firesteel::contract::kMaxErrorBytes);
}

TEST_F(ServerTest, DoesNotTalkToStrangers) {
  Authority stranger("stranger");
  const CertificateFiles known = authority_.Client();
  const CertificateFiles unknown = stranger.Client();
  const struct { const char* who; CertificateFiles files; } cases[] = {
      {"without a certificate", {known.ca, "", ""}},
      {"with a certificate of another authority", {known.ca, unknown.certificate, unknown.key}},
      {"with a server's certificate", authority_.ServerOnly()}};
  for (const auto& test : cases) {
    Peer peer(server_->port(), test.files);
    EXPECT_FALSE(peer.SayHello()) << test.who;
    EXPECT_EQ(peer.Finish().error_code(), grpc::StatusCode::UNAVAILABLE) << test.who;
  }
  EXPECT_FALSE(backend_.connected);
  ExpectServes();
}

TEST_F(ServerTest, UsesRenewedCertificatesWithoutARestart) {
  Authority next("next");
  const CertificateFiles renewed = next.Server();
  for (const auto& [from, to] : {std::pair(renewed.certificate, files_.certificate), std::pair(renewed.key, files_.key),
                                 std::pair(renewed.ca, files_.ca)}) {
    ASSERT_TRUE(firesteel::WriteFileAtomically(to, *firesteel::ReadFile(from), 0600).ok());
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  bool welcome = false;
  while (!welcome && std::chrono::steady_clock::now() < deadline) {
    Peer peer(server_->port(), next.Client());
    welcome = peer.SayHello();
    if (!welcome) std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_TRUE(welcome);
  Peer before(server_->port(), authority_.Client());
  EXPECT_FALSE(before.SayHello()) << "the authority is no longer trusted";
}

TEST_F(ServerTest, EndsTheStreamClearlyWhenItStops) {
  const auto peer = Connect();
  ASSERT_TRUE(peer->SayHello());
  server_.reset();
  EXPECT_EQ(peer->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, SaysWhatKeepsItFromStarting) {
  const auto taken = Server::Start({{"127.0.0.1", server_->port()}, files_.certificate, files_.key, files_.ca}, backend_);
  ASSERT_FALSE(taken.ok());
  EXPECT_NE(taken.error().message.find("cannot listen on 127.0.0.1:"), std::string::npos) << taken.error().message;
  EXPECT_FALSE(Server::Start({{"127.0.0.1", 0}, "/nowhere", files_.key, files_.ca}, backend_).ok());
}

}  // namespace
}  // namespace bootd::rpc
