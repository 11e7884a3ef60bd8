// The server against clients that do what clients should not.
#include "bootd/tftp/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>

#include "base/crypto.h"
#include "base/file.h"
#include "tests/bootd/tftp/test_client.h"

namespace bootd::tftp {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

constexpr char kOack[] = "\0\6";
const std::string kError("\0\5", 2);

std::string ErrorOf(ErrorCode code) { return EncodeError(code, "").substr(0, 4); }

class TftpServer : public testing::TestWithParam<bool> {
 protected:
  TftpServer() { std::filesystem::create_directories(dir_); }
  ~TftpServer() override {
    server_.reset();
    std::filesystem::remove_all(dir_);
  }

  void Start(Options options = {}, const std::string& host = "127.0.0.1") {
    options.listen = {host, 0};
    options.single_port = GetParam();
    Observer observer;
    observer.refused = [this](Refusal why) {
      std::lock_guard lock(mutex_);
      ++refused_[ToString(why)];
      changed_.notify_all();
    };
    observer.transfer_ended = [this](const Ended& ended) {
      std::lock_guard lock(mutex_);
      ++ended_[ToString(ended.outcome)];
      changed_.notify_all();
    };
    auto server = Server::Start(options, [this](const Request& request) { return Serve(request); }, observer);
    ASSERT_TRUE(server.ok());
    server_ = std::move(*server);
  }
  std::variant<core::FileContent, core::BytesContent, Refused> Serve(const Request& request) {
    if (request.file_name == "bytes") return core::BytesContent{"#!ipxe\n", "text/plain", {}};
    const std::string path = dir_ + "/" + request.file_name;
    if (!std::filesystem::exists(path)) return Refused{ErrorCode::kFileNotFound, "no such file"};
    return core::FileContent{path, {}};
  }
  std::string Make(const std::string& name, size_t size, int salt = 13) {
    std::string content(size, '\0');
    for (size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 2654435761u >> salt);
    EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/" + name, content, 0644).ok());
    return content;
  }
  Endpoint server(const char* ip = "127.0.0.1") const { return At(ip, server_->port()); }

  // Waits until that was counted so often.
  bool Counted(std::map<std::string, int>& counts, const std::string& what, int times = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return counts[what] >= times; });
  }

  const std::string dir_ = testing::TempDir() + "firesteel-tftp-" + firesteel::RandomHex(4);
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> refused_;  // guarded by mutex_
  std::map<std::string, int> ended_;    // guarded by mutex_
  std::unique_ptr<Server> server_;
};

TEST_P(TftpServer, SendsWindowsOfEveryShape) {
  Start();
  const std::string content = Make("f", 300003);
  for (size_t block_size : {8u, 512u, 1428u, 1468u, 9000u, 65464u}) {
    for (size_t window : {1u, 4u, 16u, 64u}) {
      if (block_size == 8 && window < 16) continue;
      const auto got = TestClient().Get("f", server(), block_size, window);
      EXPECT_EQ(got == content, true) << block_size << " x " << window;
    }
  }
  EXPECT_EQ(TestClient().Get("bytes", server(), 512, 4), "#!ipxe\n");
}

TEST_P(TftpServer, SendsFilesThatAreTooLargeToMap) {
  Start();
  const std::string content = Make("large", (20u << 20) + 1);
  EXPECT_EQ(TestClient().Get("large", server(), 1468, 16) == content, true);
  EXPECT_EQ(TestClient().Get("large", server(), 8192, 1) == content, true);
  EXPECT_EQ(TestClient().Get("large", server(), 2048, 4, 0.01) == content, true);
  EXPECT_EQ(TestClient().Get("large", server(), 65464, 64) == content, true);
}

TEST_P(TftpServer, GetsEverythingThroughANetworkThatLosesATenth) {
  Start();
  const std::string content = Make("f", 300000);
  EXPECT_EQ(TestClient().Get("f", server(), 1468, 1, 0.1) == content, true);
  EXPECT_EQ(TestClient().Get("f", server(), 1468, 8, 0.1) == content, true);
}

TEST_P(TftpServer, TellsStrangersAndKeepsTheTransfer) {
  Start();
  const std::string content = Make("f", 1000);
  TestClient client;
  client.Send(Rrq("f"), server());
  EXPECT_EQ(client.Receive().substr(4), content.substr(0, 512));
  const Endpoint transfer = client.from();
  TestClient forger;
  for (const std::string& packet : {AckOf(1), AckOf(2), AckOf(0)}) {
    forger.Send(packet, transfer);
    EXPECT_THAT(forger.Receive(), StartsWith(ErrorOf(ErrorCode::kUnknownTransferId)));
  }
  forger.Send(EncodeError(ErrorCode::kUndefined, "stop"), transfer);
  client.Answer(AckOf(1));
  EXPECT_EQ(client.Receive().substr(4), content.substr(512));
  EXPECT_TRUE(Counted(refused_, "unknown-transfer", 3));
}

TEST_P(TftpServer, PacketsOutOfOrderDisturbNoTransfer) {
  Start();
  const std::string content = Make("f", 1000);
  TestClient client;
  client.Send(AckOf(1), server());  // before any request
  EXPECT_THAT(client.Receive(), StartsWith(ErrorOf(ErrorCode::kUnknownTransferId)));
  client.Send(Rrq("f"), server());
  EXPECT_EQ(client.Receive().substr(4), content.substr(0, 512));
  for (const std::string& odd : {std::string("\0\3\0\1data", 8), std::string("\0\6blksize\0" "8\0", 12), AckOf(2), AckOf(7000),
                                 std::string("\0\2f\0octet\0", 10)}) {
    client.Answer(odd);
  }
  client.Answer(AckOf(1));
  std::string next;
  do next = client.Receive();
  while (!next.empty() && !next.starts_with(std::string("\0\3\0\2", 4)));
  EXPECT_EQ(next.substr(std::min<size_t>(4, next.size())), content.substr(512));
  client.Answer(AckOf(2));
  EXPECT_TRUE(Counted(ended_, "complete"));
}

// Two servers would else tell each other for ever that they know of nothing.
TEST_P(TftpServer, NeverAnswersAnError) {
  Start();
  TestClient client;
  for (uint16_t code = 0; code < 10; ++code) client.Send(EncodeError(static_cast<ErrorCode>(code), "x"), server());
  client.Send(Rrq("missing"), server());
  EXPECT_THAT(client.Receive(), StartsWith(ErrorOf(ErrorCode::kFileNotFound)));  // the first answer
}

TEST_P(TftpServer, AnswersStrangersOnlySoOften) {
  Start();
  TestClient forger;
  for (int i = 0; i < 1000; ++i) forger.Send(AckOf(1), server());
  ASSERT_TRUE(Counted(refused_, "unknown-transfer", 1000));
  int answers = 0;
  while (!forger.Receive(0).empty()) ++answers;
  EXPECT_GT(answers, 0);
  EXPECT_LT(answers, 500);
}

TEST_P(TftpServer, RefusesWritesAndTextModeClearly) {
  Start();
  Make("f", 10);
  TestClient client;
  client.Send(std::string("\0\2f\0octet\0", 10), server());
  EXPECT_THAT(client.Receive(), StartsWith(ErrorOf(ErrorCode::kAccessViolation)));
  client.Send(Rrq("f", {}, "netascii"), server());
  EXPECT_EQ(client.Receive().substr(4), std::string("only octet (binary) mode is served\0", 35));
  EXPECT_TRUE(Counted(refused_, "write"));
  EXPECT_TRUE(Counted(refused_, "netascii"));
}

TEST_P(TftpServer, ARequestThatCannotBeServedIsToldAtOnce) {
  Start();
  TestClient client;
  const std::string requests[] = {Rrq("") + "x", Rrq(std::string(300, 'n')), Rrq("f", {}, "mail"), std::string("\0\1no end", 8),
                                  Rrq("f\xff\xfe")};
  for (const std::string& request : requests) {
    client.Send(request, server());
    EXPECT_THAT(client.Receive(), StartsWith(std::string("\0\5", 2))) << request.size();
  }
  EXPECT_TRUE(Counted(refused_, "malformed", 4));
}

TEST_P(TftpServer, BadRequestsAreAnsweredNoMoreOftenThanGoodOnes) {
  Start();
  TestClient forger;
  for (int i = 0; i < 1000; ++i) forger.Send(i % 2 == 0 ? Rrq("f", {}, "mail") : std::string("\0\2f\0octet\0", 10), server());
  ASSERT_TRUE(Counted(refused_, "too-fast", 500));
  int answers = 0;
  while (!forger.Receive(0).empty()) ++answers;
  EXPECT_LT(answers, 600);
}

TEST_P(TftpServer, IgnoresWhatIsTooLargeOrNoPacket) {
  Start();
  const std::string content = Make("f", 10);
  TestClient client;
  client.Send(Rrq("f") + std::string(1500, '\0'), server());
  client.Send(Rrq("f") + std::string(60000, '\0'), server());
  client.Send("\1", server());
  client.Send("", server());
  EXPECT_TRUE(Counted(refused_, "malformed", 4));
  client.Send(Rrq("f"), server());
  EXPECT_EQ(client.Receive().substr(4), content);
}

TEST_P(TftpServer, AnswersALostAnswersRequestAgainFromTheSamePort) {
  Start();
  Make("f", 1000);
  TestClient client;
  client.Send(Rrq("f", {"blksize", "1400"}), server());
  const std::string first = client.Receive();
  const Endpoint from = client.from();
  EXPECT_THAT(first, StartsWith(std::string(kOack, 2)));
  std::string second;
  // (Not within the first milliseconds: then the network has doubled it.)
  while (second.empty()) {
    client.Send(Rrq("f", {"blksize", "1400"}), server());
    second = client.Receive(20);
  }
  EXPECT_EQ(second, first);
  EXPECT_EQ(client.from(), from);
  EXPECT_EQ(server_->transfers(), 1u);
}

TEST_P(TftpServer, AClientThatGaveUpMayBeginAgainFromItsPort) {
  Start();
  const std::string content = Make("f", 1000);
  TestClient client;
  client.Send(Rrq("f", {"tsize", "0"}), server());
  EXPECT_THAT(client.Receive(), StartsWith(std::string(kOack, 2)));
  client.Answer(EncodeError(ErrorCode::kOptionRefused, "only the size"));
  ASSERT_TRUE(Counted(ended_, "aborted"));
  client.Send(Rrq("f", {"blksize", "1400"}), server());
  EXPECT_THAT(client.Receive(), StartsWith(std::string(kOack, 2)));
  client.Answer(AckOf(0));
  EXPECT_EQ(client.Receive().substr(4), content);
}

TEST_P(TftpServer, AFileThatIsReplacedIsSentAsItWas) {
  Start();
  const std::string content = Make("f", 1000);
  TestClient client;
  client.Send(Rrq("f"), server());
  EXPECT_EQ(client.Receive().substr(4), content.substr(0, 512));
  const std::string newer = Make("f", 900, 7);
  client.Answer(AckOf(1));
  EXPECT_EQ(client.Receive().substr(4), content.substr(512));
  client.Answer(AckOf(2));
  EXPECT_TRUE(Counted(ended_, "complete"));
  EXPECT_EQ(TestClient().Get("f", server(), 512, 1), newer);
}

TEST_P(TftpServer, AFileThatIsCutOffEndsInAnErrorNotInHalfAFile) {
  Start();
  for (size_t size : {600u, 100000u, 20u << 20}) {
    Make("f", size);
    TestClient client;
    client.Send(Rrq("f"), server());
    EXPECT_EQ(client.Receive().size(), 516u);
    std::filesystem::resize_file(dir_ + "/f", 100);
    std::string packet;
    for (uint64_t block = 1; block < 70000 && !packet.starts_with(kError); ++block) {
      client.Answer(AckOf(block));
      packet = client.Receive();
    }
    EXPECT_THAT(packet, StartsWith(kError)) << size;
  }
  EXPECT_TRUE(Counted(ended_, "file-changed", 3));
}

TEST_P(TftpServer, AFileThatIsRewrittenInPlaceIsNotSentHalfAndHalf) {
  Start();
  Make("f", 1000);
  TestClient client;
  client.Send(Rrq("f"), server());
  client.Receive();
  std::ofstream(dir_ + "/f", std::ios::in | std::ios::out) << "new";
  client.Answer(AckOf(1));
  EXPECT_THAT(client.Receive(), StartsWith(kError));
}

TEST_P(TftpServer, BoundsTheTransfersOfOneClient) {
  Options options;
  options.admission.transfers_per_client = 3;
  Start(options);
  Make("f", 1000);
  std::vector<TestClient> clients(4);
  for (size_t i = 0; i < 4; ++i) {
    clients[i].Send(Rrq("f"), server());
    EXPECT_EQ(clients[i].Receive().starts_with(kError), i == 3);
  }
  TestClient other("127.0.0.9");
  other.Send(Rrq("f"), server());
  EXPECT_EQ(other.Receive().size(), 516u);
}

TEST_P(TftpServer, BoundsHowOftenAClientMayAsk) {
  Options options;
  options.admission.requests_per_client = {5, 0.001};
  Start(options);
  TestClient client;
  for (int i = 0; i < 20; ++i) client.Send(Rrq("none"), server());
  EXPECT_TRUE(Counted(refused_, "no-such-file", 5));
  EXPECT_TRUE(Counted(refused_, "too-fast", 15));
}

TEST_P(TftpServer, AFloodOfForgedRequestsMakesRoomForTheTrueOne) {
  Options options;
  options.max_transfers = 10;
  Start(options);
  const std::string content = Make("f", 1000);
  std::vector<TestClient> forgers(30);
  for (TestClient& forger : forgers) forger.Send(Rrq("f"), server());
  EXPECT_TRUE(Counted(ended_, "evicted", 20));
  EXPECT_LE(server_->transfers(), 10u);
  EXPECT_EQ(TestClient("127.0.0.2").Get("f", server(), 512, 1), content);
}

TEST_P(TftpServer, TransfersThatAreAnsweredAreNotPushedOut) {
  Options options;
  options.max_transfers = 2;
  Start(options);
  Make("f", 10000);
  std::vector<TestClient> clients(2);
  for (TestClient& client : clients) {
    client.Send(Rrq("f"), server());
    client.Receive();
    client.Answer(AckOf(1));
    client.Receive();
  }
  TestClient late;
  late.Send(Rrq("f"), server());
  EXPECT_EQ(late.Receive(), EncodeError(ErrorCode::kUndefined, "too many transfers"));
}

TEST_P(TftpServer, GivesUpAClientThatWentAway) {
  Options options;
  options.transfer.first_timeout = options.transfer.min_timeout = std::chrono::milliseconds(1);
  options.transfer.max_timeout = std::chrono::milliseconds(4);
  options.transfer.first_answer = options.transfer.patience = std::chrono::seconds(0);
  Start(options);
  Make("f", 1000);
  TestClient client;
  client.Send(Rrq("f"), server());
  EXPECT_TRUE(Counted(ended_, "silent"));
}

TEST_P(TftpServer, AnswersFromTheAddressThatWasAsked) {
  Start({}, "0.0.0.0");
  const std::string content = Make("f", 3000);
  TestClient client;
  EXPECT_EQ(client.Get("f", server("127.0.0.77"), 1024, 4), content);
  EXPECT_EQ(client.from().ip(), "127.0.0.77");
}

TEST_P(TftpServer, ServesIpv6AndIpv4OnOneSocket) {
  if (!std::filesystem::exists("/proc/net/if_inet6")) GTEST_SKIP() << "no IPv6 here";
  Start({}, "::");
  const std::string content = Make("f", 100000);
  EXPECT_EQ(TestClient("::1").Get("f", server("::1"), 1024, 16), content);
  EXPECT_EQ(TestClient("127.0.0.1").Get("f", server("127.0.0.1"), 1024, 16), content);
  EXPECT_EQ(TestClient("::1").Get("f", server("::1"), 65464, 1), content);
}

TEST_P(TftpServer, AnswersFromPortsOfItsOwnUnlessToldNotTo) {
  Start();
  Make("f", 1000);
  TestClient client;
  client.Send(Rrq("f"), server());
  client.Receive();
  EXPECT_EQ(client.from() == server(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, TftpServer, testing::Values(false, true),
                         [](const auto& test) { return test.param ? "SinglePort" : "OwnPorts"; });

TEST(TftpPathMtu, AsksTheKernelWhatFits) {
  const PathMtu path;
  EXPECT_GT(path.BlockSize(At("127.0.0.1", 69)), 1468u) << "the loopback device's MTU is 65536";
  EXPECT_EQ(path.BlockSize(At("::ffff:127.0.0.1", 69)), path.BlockSize(At("127.0.0.1", 69)));
}

}  // namespace
}  // namespace bootd::tftp
