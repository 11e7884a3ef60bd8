// The server against real clients on loopback: curl, tftp-hpa, atftp.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "bootd/tftp/server.h"

namespace bootd::tftp {
namespace {

class TftpInterop : public testing::TestWithParam<bool> {
 protected:
  TftpInterop() {
    std::filesystem::create_directories(dir_);
    Options options;
    options.listen = {"127.0.0.1", 0};
    options.single_port = GetParam();
    auto server = Server::Start(options, [this](const Request& request) { return Serve(request); });
    EXPECT_TRUE(server.ok());
    server_ = std::move(*server);
  }
  ~TftpInterop() override {
    server_.reset();
    std::filesystem::remove_all(dir_);
  }

  std::variant<core::FileContent, core::BytesContent, Refused> Serve(const Request& request) {
    const std::string path = dir_ + "/" + request.file_name;
    if (!std::filesystem::exists(path)) return Refused{ErrorCode::kFileNotFound, "no such file"};
    return core::FileContent{path, [this](bool complete) { complete ? ++complete_ : ++incomplete_; }};
  }

  std::string Make(const std::string& name, size_t size) {
    std::string content(size, '\0');
    for (size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 2654435761u >> 13);
    EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/" + name, content, 0644).ok());
    return content;
  }
  std::string port() const { return std::to_string(server_->port()); }
  int Run(const std::string& command) const {
    return std::system(("cd " + dir_ + " && " + command + " >/dev/null 2>&1").c_str());
  }
  std::string Got(const std::string& name) const {
    return firesteel::ReadFile(dir_ + "/" + name, 64u << 20).value();
  }

  const std::string dir_ = testing::TempDir() + "firesteel-tftp-" + firesteel::RandomHex(4);
  std::atomic<int> complete_{0};
  std::atomic<int> incomplete_{0};
  std::unique_ptr<Server> server_;
};

TEST_P(TftpInterop, CurlGetsEverySizeAroundABlock) {
  // (curl calls the tsize of an empty file an error; tftp-hpa gets that one.)
  for (size_t size : {1u, 511u, 512u, 513u, 1468u, 100000u}) {
    const std::string content = Make("f", size);
    ASSERT_EQ(Run("curl -sf -m 20 tftp://127.0.0.1:" + port() + "/f -o got"), 0) << size;
    EXPECT_EQ(Got("got"), content) << size;
  }
  EXPECT_EQ(incomplete_, 0);
}

TEST_P(TftpInterop, CurlGetsMoreBlocksThanTheirNumbers) {
  if (GetParam()) GTEST_SKIP() << "takes long, and the port makes no difference";
  const std::string content = Make("big", (35u << 20) + 17);  // 71,681 blocks of 512
  ASSERT_EQ(Run("curl -sf -m 250 --tftp-blksize 512 tftp://127.0.0.1:" + port() + "/big -o got"), 0);
  EXPECT_EQ(Got("got"), content);
}

TEST_P(TftpInterop, TftpHpaGetsFilesOfAnySize) {
  for (size_t size : {0u, 512u, 300000u}) {
    const std::string content = Make("f", size);
    ASSERT_EQ(Run("tftp -m binary 127.0.0.1 " + port() + " -c get f got"), 0);
    EXPECT_EQ(Got("got"), content);
  }
}

TEST_P(TftpInterop, AtftpGetsAFileWithAWindow) {
  const std::string content = Make("f", 3000000);
  ASSERT_EQ(Run("atftp --option 'blksize 1432' --option 'windowsize 16' --get -r f -l got 127.0.0.1 " + port()), 0);
  EXPECT_EQ(Got("got"), content);
}

TEST_P(TftpInterop, ManyClientsAtOnceAllGetTheirFile) {
  const std::string content = Make("f", 200000);
  std::vector<std::thread> clients;
  std::atomic<int> correct{0};
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&, i] {
      const std::string name = "got" + std::to_string(i);
      const bool ok = Run("curl -sf -m 60 --tftp-blksize 1432 tftp://127.0.0.1:" + port() + "/f -o " + name) == 0;
      if (ok && Got(name) == content) ++correct;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(correct, 16);
}

TEST_P(TftpInterop, RefusesWhatIsNotThereAndLivesOnAfterJunk) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(server_->port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (size_t size = 0; size < 1400; size += 7) {
    const std::string junk(size, static_cast<char>(size));
    sendto(fd, junk.data(), junk.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  close(fd);
  EXPECT_NE(Run("curl -sf -m 20 tftp://127.0.0.1:" + port() + "/none -o got"), 0);
  const std::string content = Make("f", 1000);
  EXPECT_EQ(Run("curl -sf -m 20 tftp://127.0.0.1:" + port() + "/f -o got"), 0);
  EXPECT_EQ(Got("got"), content);
}

INSTANTIATE_TEST_SUITE_P(All, TftpInterop, testing::Values(false, true),
                         [](const auto& test) { return test.param ? "SinglePort" : "EphemeralPorts"; });

}  // namespace
}  // namespace bootd::tftp
