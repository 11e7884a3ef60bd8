// The controller's client against bootd's server, over TCP and TLS, through a relay that plays the network.
#include "controller/boot/grpc_client.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "bootd/rpc/server.h"
#include "proto/limits.h"
#include "tests/bootd/rpc/certificates.h"
#include "tests/bootd/rpc/fake_backend.h"
#include "tests/support/relay.h"

namespace firesteel::boot {
namespace {

using bootd::rpc::AnEntry;
using bootd::rpc::AnEvent;
using bootd::rpc::Authority;
using bootd::rpc::CertificateFiles;
using bootd::rpc::FakeBackend;
using contract::Artifact;
using contract::ArtifactState;
using contract::BootEvent;

Artifact AnArtifact(const std::string& name) {
  return {name, "http://x/" + name, contract::ExpectedSha256{std::string(64, 'a')}};
}

// What the client told, and a way to wait for it.
class Heard {
 public:
  Listener MakeListener() {
    return {[this](const std::string&, const BootEvent& event) { Note([&] { events.push_back(event); }); },
            [this](const Endpoint& endpoint) { Note([&] { endpoints.push_back(endpoint); }); },
            [this](const std::string&, const contract::ArtifactStatus& status) {
              Note([&] { statuses.push_back(status); });
            }};
  }
  bool WaitUntil(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), condition);
  }
  std::vector<BootEvent> events;
  std::vector<Endpoint> endpoints;
  std::vector<contract::ArtifactStatus> statuses;

 private:
  void Note(const std::function<void()>& note) {
    std::lock_guard lock(mutex_);
    note();
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
};

class GrpcClientTest : public testing::Test {
 protected:
  void SetUp() override {
    StartServer(backend_);
    options_.targets = {target()};
    options_.identity = "test";
    Use(authority_.Client());
    options_.min_backoff = std::chrono::milliseconds(20);
    options_.max_backoff = std::chrono::milliseconds(200);
  }
  std::string target() const { return "127.0.0.1:" + std::to_string(relay_.port()); }
  void Use(const CertificateFiles& files) {
    options_.ca_file = files.ca;
    options_.certificate_file = files.certificate;
    options_.key_file = files.key;
  }
  void StartServer(FakeBackend& backend) {
    const CertificateFiles files = authority_.Server();
    auto server = bootd::rpc::Server::Start({{"127.0.0.1", 0}, files.certificate, files.key, files.ca}, backend);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    relay_.SetUpstream(server_->port());
  }
  void StartClient() { client_ = NewGrpcClient(options_, heard_.MakeListener()); }
  bool StartSynced() {
    StartClient();
    if (!WaitConnected()) return false;
    client_->MarkSynced(target());
    return backend_.WaitUntil([&] { return backend_.snapshots == 1; });
  }
  bool WaitConnected(size_t times = 1) {
    return heard_.WaitUntil([&] {
      return static_cast<size_t>(std::count_if(heard_.endpoints.begin(), heard_.endpoints.end(),
                                               [](const Endpoint& e) { return e.connected && e.refused.empty(); })) >=
             times;
    });
  }

  Authority authority_{"test"};
  FakeBackend backend_;
  Heard heard_;
  test::Relay relay_;
  std::unique_ptr<bootd::rpc::Server> server_;
  GrpcOptions options_;
  std::unique_ptr<Client> client_;
};

TEST_F(GrpcClientTest, KnowsAnEndpointOnceItSaidHello) {
  StartClient();
  ASSERT_TRUE(WaitConnected());
  const std::vector<Endpoint> endpoints = client_->Endpoints();
  ASSERT_EQ(endpoints.size(), 1u);
  EXPECT_EQ(endpoints[0].target, target());
  EXPECT_EQ(endpoints[0].instance_id, "instance-1");
  EXPECT_EQ(endpoints[0].https_base_url, "https://10.0.0.2");
}

TEST_F(GrpcClientTest, TellsNothingBeforeItIsSynced) {
  StartClient();
  ASSERT_TRUE(WaitConnected());
  ASSERT_TRUE(client_->DeclareEntry(target(), AnEntry("d/a", 1)).ok());
  backend_.log.Append(AnEvent("d/a", "proof that the stream works"));
  ASSERT_TRUE(heard_.WaitUntil([&] { return heard_.events.size() == 1; }));
  client_->Acknowledge(target(), 1);
  ASSERT_TRUE(backend_.WaitUntil([&] { return backend_.Acknowledged() == 1; }));
  EXPECT_EQ(backend_.snapshots, 0);
  client_->MarkSynced(target());
  EXPECT_TRUE(backend_.WaitUntil([&] { return backend_.snapshots == 1 && backend_.entries.count("d/a") == 1; }));
}

TEST_F(GrpcClientTest, SendsChangesAsDeltasAfterTheSnapshot) {
  ASSERT_TRUE(StartSynced());
  ASSERT_TRUE(client_->DeclareEntry(target(), AnEntry("d/a", 1)).ok());
  ASSERT_TRUE(client_->DeclareArtifacts("d/c", {AnArtifact("x")}).ok());
  ASSERT_TRUE(backend_.WaitUntil([&] { return backend_.entries.size() == 1 && backend_.artifacts.size() == 1; }));
  client_->WithdrawEntry("d/a");
  client_->WithdrawArtifacts("d/c");
  ASSERT_TRUE(backend_.WaitUntil([&] { return backend_.entries.empty() && backend_.artifacts.empty(); }));
  EXPECT_EQ(backend_.snapshots, 1);
}

TEST_F(GrpcClientTest, AStormOfChangesCostsFewMessages) {
  options_.pace = std::chrono::milliseconds(200);
  ASSERT_TRUE(StartSynced());
  const auto began = std::chrono::steady_clock::now();
  for (int round = 0; round < 20; ++round) {
    for (int i = 1; i <= 100; ++i) {
      contract::BootEntry entry = AnEntry("d/" + std::to_string(i), i);
      entry.hold_reason = "round " + std::to_string(round);
      ASSERT_TRUE(client_->DeclareEntry(target(), entry).ok());
    }
  }
  ASSERT_TRUE(backend_.WaitUntil([&] { return backend_.entries.size() == 100 && backend_.deltas > 0 &&
      std::all_of(backend_.entries.begin(), backend_.entries.end(),
                  [](const auto& item) { return item.second.hold_reason == "round 19"; }); }));
  EXPECT_LE(backend_.deltas, 1 + (std::chrono::steady_clock::now() - began) / options_.pace);
}

TEST_F(GrpcClientTest, StopsWhileItRests) {
  options_.pace = std::chrono::hours(1);
  ASSERT_TRUE(StartSynced());
  ASSERT_TRUE(client_->DeclareEntry(target(), AnEntry("d/a", 1)).ok());
  client_.reset();
  EXPECT_EQ(backend_.deltas, 0) << "it was still to come";
}

TEST_F(GrpcClientTest, ARestartedBootdIsToldEverythingAgain) {
  StartClient();
  ASSERT_TRUE(WaitConnected());
  ASSERT_TRUE(client_->DeclareEntry(target(), AnEntry("d/a", 1)).ok());
  client_->MarkSynced(target());
  ASSERT_TRUE(backend_.WaitUntil([&] { return backend_.entries.size() == 1; }));
  server_.reset();
  FakeBackend next("instance-2");
  StartServer(next);
  EXPECT_TRUE(next.WaitUntil([&] { return next.snapshots == 1 && next.entries.size() == 1; }));
  EXPECT_EQ(client_->Endpoints().at(0).instance_id, "instance-2");
  client_.reset();
  server_.reset();
}

TEST_F(GrpcClientTest, EventsAreNotLostOverACutAndCursorsOnlyGrow) {
  backend_.log.Append(AnEvent("d/a", "1"));
  backend_.log.Append(AnEvent("d/a", "2"));
  StartClient();
  ASSERT_TRUE(heard_.WaitUntil([&] { return heard_.events.size() == 2; }));
  client_->Acknowledge(target(), heard_.events[0].cursor);
  ASSERT_TRUE(backend_.WaitUntil([&] { return backend_.Acknowledged() == 1; }));
  relay_.Cut();
  backend_.log.Append(AnEvent("d/a", "3"));
  ASSERT_TRUE(heard_.WaitUntil([&] { return heard_.events.size() >= 4; }));
  EXPECT_EQ(heard_.events[2].detail, "2") << "was not acknowledged";
  EXPECT_EQ(heard_.events[2].cursor, heard_.events[1].cursor);
  EXPECT_EQ(heard_.events[3].detail, "3");

  server_.reset();
  FakeBackend next("instance-2");
  next.log.Append(AnEvent("d/a", "after the restart"));
  StartServer(next);
  ASSERT_TRUE(heard_.WaitUntil([&] { return heard_.events.back().detail == "after the restart"; }));
  EXPECT_GT(heard_.events.back().cursor, heard_.events[3].cursor);
  client_->Acknowledge(target(), heard_.events[3].cursor);  // late, of the instance before
  client_->Acknowledge(target(), heard_.events.back().cursor);
  EXPECT_TRUE(next.WaitUntil([&] { return next.Acknowledged() == 1; }));
  client_.reset();
  server_.reset();
}

TEST_F(GrpcClientTest, ARefusalIsVisibleAndHealsWithASnapshot) {
  backend_.SetRefusal("this bootd is full");
  StartClient();
  ASSERT_TRUE(WaitConnected());
  ASSERT_TRUE(client_->DeclareEntry(target(), AnEntry("d/a", 1)).ok());
  client_->MarkSynced(target());
  ASSERT_TRUE(heard_.WaitUntil([&] { return heard_.endpoints.back().refused == "this bootd is full"; }));
  backend_.SetRefusal("");
  EXPECT_TRUE(backend_.WaitUntil([&] { return backend_.entries.size() == 1; }));
  EXPECT_TRUE(heard_.WaitUntil([&] { return heard_.endpoints.back().refused.empty(); }));
}

TEST_F(GrpcClientTest, RefusesWhatBootdWouldRefuse) {
  StartClient();
  contract::BootEntry bad = AnEntry("d/bad", 2);
  bad.kernel_arguments = {"quiet\nchain http://evil"};
  const Status entry = client_->DeclareEntry(target(), bad);
  ASSERT_FALSE(entry.ok());
  EXPECT_NE(entry.error().message.find("kernel_arguments"), std::string::npos) << entry.error().message;
  EXPECT_FALSE(client_->DeclareArtifacts("d/c", {AnArtifact("../../etc/shadow")}).ok());
}

TEST_F(GrpcClientTest, ASnapshotLargerThanOneMessageArrivesWhole) {
  StartClient();
  ASSERT_TRUE(WaitConnected());
  for (int i = 1; i <= 6; ++i) {
    contract::BootEntry entry = AnEntry("d/" + std::to_string(i), i);
    entry.ignition = contract::Ignition{std::string(contract::kMaxStage2Bytes, 'x'), "", "fetch", "report", {}, false};
    ASSERT_TRUE(client_->DeclareEntry(target(), entry).ok());
  }
  client_->MarkSynced(target());
  EXPECT_TRUE(backend_.WaitUntil([&] { return backend_.entries.size() == 6; }));
  EXPECT_EQ(backend_.snapshots, 1);
}

TEST_F(GrpcClientTest, TellsArtifactStatusesOfWhatIsDeclared) {
  StartClient();
  ASSERT_TRUE(WaitConnected());
  backend_.SetStatus({"x", ArtifactState::kReady, 5, 5, "", "http://x/x", std::string(128, 'b')});
  ASSERT_TRUE(heard_.WaitUntil([&] { return heard_.statuses.size() == 1; }));
  EXPECT_EQ(client_->Artifacts().size(), 1u) << "an earlier controller declared it, and nobody has told bootd otherwise";
  client_->MarkSynced(target());
  EXPECT_TRUE(client_->Artifacts().empty()) << "nobody declared it";
  backend_.SetStatus({"x", ArtifactState::kReady, 6, 6, "", "http://x/x", std::string(128, 'b')});
  ASSERT_TRUE(heard_.WaitUntil([&] { return heard_.statuses.size() == 2; }));
  ASSERT_TRUE(client_->DeclareArtifacts("d/c", {AnArtifact("x")}).ok());
  ASSERT_EQ(client_->Artifacts().size(), 1u);
  EXPECT_EQ(client_->Artifacts()[0].state, ArtifactState::kReady);
}

TEST_F(GrpcClientTest, KnowsWhatBootdHasWithItsHello) {
  backend_.info.artifacts = {{"x", ArtifactState::kReady, 5, 5, "", "http://x/x", std::string(128, 'b')}};
  StartClient();
  ASSERT_TRUE(WaitConnected());
  ASSERT_EQ(client_->Artifacts().size(), 1u);
  ASSERT_TRUE(client_->DeclareArtifacts("d/c", {AnArtifact("x")}).ok());
  client_->MarkSynced(target());
  EXPECT_EQ(client_->Artifacts().size(), 1u);
}

TEST_F(GrpcClientTest, NoticesAPeerThatIsSilent) {
  options_.keepalive = std::chrono::milliseconds(500);
  StartClient();
  ASSERT_TRUE(WaitConnected());
  relay_.SetFrozen(true);
  ASSERT_TRUE(heard_.WaitUntil([&] { return !heard_.endpoints.back().connected; }));
  relay_.SetFrozen(false);
  EXPECT_TRUE(WaitConnected(2));
}

TEST_F(GrpcClientTest, GivesUpAPeerThatNeverSaysHello) {
  options_.hello_timeout = std::chrono::milliseconds(200);
  relay_.SetFrozen(true);
  StartClient();
  ASSERT_TRUE(relay_.AwaitAccepted(2));
  relay_.SetFrozen(false);
  EXPECT_TRUE(WaitConnected());
}

TEST_F(GrpcClientTest, StopsWhileItConnects) {
  options_.hello_timeout = std::chrono::hours(1);
  relay_.SetFrozen(true);
  StartClient();
  ASSERT_TRUE(relay_.AwaitAccepted(1));
  client_.reset();
}

TEST_F(GrpcClientTest, TalksOnlyToABootdOfItsAuthority) {
  Authority stranger("stranger");
  const CertificateFiles ours = authority_.Client();
  Use({stranger.Client().ca, ours.certificate, ours.key});
  StartClient();
  ASSERT_TRUE(relay_.AwaitAccepted(2));
  EXPECT_TRUE(client_->Endpoints().empty());
  EXPECT_FALSE(backend_.connected);
}

TEST_F(GrpcClientTest, AMissingCertificateIsRetriedAndUsedOnceItIsThere) {
  const CertificateFiles files = authority_.Client();
  const std::string key = *ReadFile(files.key);
  std::filesystem::remove(files.key);
  StartClient();
  EXPECT_TRUE(client_->Endpoints().empty());
  ASSERT_TRUE(WriteFileAtomically(files.key, key, 0600).ok());
  EXPECT_TRUE(WaitConnected());
}

}  // namespace
}  // namespace firesteel::boot
