// Stage 2 over real HTTPS, asked by readers that do what they like with their sockets.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "bootd/http/server.h"
#include "bootd/router/router.h"
#include "controller/pki/certificates.h"

namespace bootd::router {
namespace {

using firesteel::contract::BootEvent;
using firesteel::contract::EventKind;

// One HTTPS connection with a small window: most of a large reply stays with the server until it is read.
class Reader {
 public:
  explicit Reader(uint16_t port) : context_(SSL_CTX_new(TLS_client_method())), fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const int window = 16 * 1024;
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    tls_ = SSL_new(context_);
    SSL_set_fd(tls_, fd_);
    EXPECT_EQ(SSL_connect(tls_), 1);
    const std::string get =
        "GET /ignition/52-54-00-77-00-01/stage2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer fetch\r\nConnection: close\r\n\r\n";
    EXPECT_GT(SSL_write(tls_, get.data(), static_cast<int>(get.size())), 0);
  }
  ~Reader() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
    if (fd_ >= 0) close(fd_);
  }
  // Reads until `size` bytes have come, or the server ends.
  const std::string& Read(size_t size) {
    char chunk[4096];
    while (got_.size() < size) {
      const int count = SSL_read(tls_, chunk, sizeof chunk);
      if (count <= 0) break;
      got_.append(chunk, static_cast<size_t>(count));
    }
    return got_;
  }
  std::string Status() { return Read(12).substr(9, 3); }
  // Closes the connection so that the server's TCP is told at once that nothing more is taken.
  void Reset() {
    const linger now{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close(fd_);
    fd_ = -1;
  }

 private:
  SSL_CTX* context_;
  int fd_;
  SSL* tls_ = nullptr;
  std::string got_;
};

class Stage2Https : public testing::Test {
 protected:
  Stage2Https() {
    namespace pki = firesteel::pki;
    const auto now = firesteel::SystemClock().Now();
    const pki::KeyPair ca = *pki::GenerateCa("test", now);
    const pki::KeyPair leaf = *pki::IssueLeaf(ca, {.common_name = "bootd", .organization = "", .server_names = {"127.0.0.1"}}, now);
    std::filesystem::create_directories(dir_);
    EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/crt", leaf.certificate, 0600).ok());
    EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/key", leaf.key, 0600).ok());
    firesteel::contract::BootEntry entry;
    entry.id = "default/node1";
    entry.mac = *firesteel::MacAddress::Parse("52:54:00:77:00:01");
    entry.boot_id = "b1";
    entry.intent = firesteel::contract::BootIntent::kNetboot;
    entry.ignition = firesteel::contract::Ignition{stage2_, firesteel::Sha512Hex(stage2_), "fetch", "report", now + std::chrono::hours(1), false};
    EXPECT_TRUE(table_.Replace({entry}).ok());
    mirror_ = std::move(*artifacts::Mirror::Open(dir_ + "/data", [](const auto&) {}));
    router_ = std::make_unique<Router>(Parts{table_, events_, *deliveries_, *installs_, chain_, metrics_, assets_, mirror_.get(),
                                             firesteel::SystemClock(), "http://127.0.0.1", "https://127.0.0.1", "CA"});
    auto server = http::Server::Start({.listen = {"127.0.0.1", 0}, .tls = http::TlsFiles{dir_ + "/crt", dir_ + "/key"}},
                                      [this](const http::Request& request) { return router_->HandleHttp(request); });
    EXPECT_TRUE(server.ok());
    server_ = std::move(*server);
  }
  ~Stage2Https() override {
    server_.reset();
    std::filesystem::remove_all(dir_);
  }
  // The first event of that kind; it is waited for.
  BootEvent Await(EventKind kind) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      for (const BootEvent& event : events_.Since(0, 1000)) {
        if (event.kind == kind) return event;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "no such event";
    return {};
  }

  const std::string dir_ = testing::TempDir() + "firesteel-stage2-" + firesteel::RandomHex(4);
  const std::string stage2_ = std::string(4 << 20, 'k');
  core::BootTable table_;
  core::EventLog events_;
  core::LoaderChain chain_;
  core::Metrics metrics_;
  artifacts::AssetRoot assets_{""};
  std::unique_ptr<core::DeliveryLog> deliveries_ = std::move(*core::DeliveryLog::Open(""));
  std::unique_ptr<core::InstallLog> installs_ = std::move(*core::InstallLog::Open(""));
  std::unique_ptr<artifacts::Mirror> mirror_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<http::Server> server_;
};

TEST_F(Stage2Https, OfTwoReadersAtOnceOnlyOneGetsIt) {
  Reader first(server_->port());
  EXPECT_EQ(first.Status(), "200");
  Reader second(server_->port());
  EXPECT_EQ(second.Status(), "503");
  EXPECT_EQ(Await(EventKind::kIgnitionRefused).detail, "being-delivered");
  EXPECT_GT(first.Read(SIZE_MAX).size(), stage2_.size());
  Await(EventKind::kIgnitionDelivered);
  Reader late(server_->port());
  EXPECT_EQ(late.Status(), "410");
}

TEST_F(Stage2Https, AThiefThatResetsBeforeTheLastRecordIsTold) {
  Reader thief(server_->port());
  EXPECT_GE(thief.Read(1 << 20).size(), size_t{1} << 20);
  thief.Reset();
  EXPECT_EQ(Await(EventKind::kIgnitionBroken).client_address, "127.0.0.1");
  Reader machine(server_->port());
  EXPECT_EQ(machine.Status(), "200");
  EXPECT_GT(machine.Read(SIZE_MAX).size(), stage2_.size());
  Await(EventKind::kIgnitionDelivered);
}

}  // namespace
}  // namespace bootd::router
