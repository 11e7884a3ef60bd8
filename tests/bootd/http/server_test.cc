// The server against curl and raw sockets on loopback.
#include "bootd/http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/pki/certificates.h"

namespace bootd::http {
namespace {

namespace fs = std::filesystem;

class HttpServer : public testing::Test {
 protected:
  HttpServer() {
    fs::create_directories(dir_);
    Start({});
  }
  ~HttpServer() override {
    server_.reset();
    fs::remove_all(dir_);
  }

  void Start(Options options) {
    options.listen = {"127.0.0.1", 0};
    auto server = Server::Start(std::move(options), [this](const Request& request) { return Handle(request); });
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }

  Reply Handle(const Request& request) {
    if (request.method == Method::kPost) return TextReply(200, request.bearer + ":" + request.body);
    if (request.path == "/hello") return TextReply(200, "hello");
    Reply reply;
    reply.content = core::FileContent{dir_ + request.path, [this](bool complete) {
                                        std::lock_guard lock(mutex_);
                                        ends_.push_back(complete);
                                        ended_.notify_all();
                                      }};
    return reply;
  }

  bool NextEnd() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(ended_.wait_for(lock, std::chrono::seconds(30), [&] { return !ends_.empty(); }));
    if (ends_.empty()) return false;
    const bool end = ends_.front();
    ends_.erase(ends_.begin());
    return end;
  }

  std::string Make(const std::string& name, size_t size) {
    std::string content(size, '\0');
    for (size_t i = 0; i < size; ++i) content[i] = static_cast<char>(i * 2654435761u >> 11);
    EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/" + name, content, 0644).ok());
    return content;
  }
  std::string Url(const std::string& path) const {
    return scheme_ + "://127.0.0.1:" + std::to_string(server_->port()) + path;
  }
  // What curl printed (headers with -i), or "exit N".
  std::string Curl(const std::string& arguments) const {
    const std::string out = dir_ + "/curl-" + firesteel::RandomHex(4);
    const int status = std::system(("curl -s -m 30 " + arguments + " > " + out + " 2>/dev/null").c_str());
    if (status != 0) return "exit " + std::to_string(WEXITSTATUS(status));
    return firesteel::ReadFile(out, 512u << 20).value();
  }
  int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server_->port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    return fd;
  }
  // Everything until the server closes.
  static std::string ReadAll(int fd) {
    std::string all;
    char chunk[4096];
    pollfd ready{fd, POLLIN, 0};
    while (poll(&ready, 1, 30000) > 0) {
      const ssize_t size = recv(fd, chunk, sizeof chunk, 0);
      if (size <= 0) break;
      all.append(chunk, static_cast<size_t>(size));
    }
    return all;
  }
  std::string Raw(const std::string& request) const {
    const int fd = Connect();
    send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    const std::string all = ReadAll(fd);
    close(fd);
    return all;
  }

  const std::string dir_ = testing::TempDir() + "firesteel-http-" + firesteel::RandomHex(4);
  std::string scheme_ = "http";
  std::mutex mutex_;
  std::condition_variable ended_;
  std::vector<bool> ends_;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpServer, ServesFilesWholeAndInPart) {
  const std::string content = Make("f", 3000000);
  EXPECT_EQ(Curl(Url("/f")), content);
  EXPECT_TRUE(NextEnd());
  EXPECT_EQ(Curl("-r 1000000-1999999 " + Url("/f")), content.substr(1000000, 1000000));
  EXPECT_NE(Curl("-i -r 9000000- " + Url("/f")).find("HTTP/1.1 416"), std::string::npos);
  EXPECT_NE(Curl("-i " + Url("/none")).find("HTTP/1.1 404"), std::string::npos);
}

TEST_F(HttpServer, HeadHasTheLengthButNoBodyAndIsNoDelivery) {
  Make("f", 12345);
  EXPECT_NE(Curl("-I " + Url("/f")).find("Content-Length: 12345"), std::string::npos);
  EXPECT_FALSE(NextEnd());
}

TEST_F(HttpServer, AnswersNotModifiedToTheSameEtag) {
  Make("f", 100);
  const std::string first = Curl("-i " + Url("/f"));
  const size_t start = first.find("ETag: ") + 6;
  const std::string etag = first.substr(start, first.find("\r\n", start) - start);
  EXPECT_NE(Curl("-i -H 'If-None-Match: " + etag + "' " + Url("/f")).find("HTTP/1.1 304"), std::string::npos);
  EXPECT_NE(Curl("-i -r 0-9 -H 'If-Range: \"other\"' " + Url("/f")).find("HTTP/1.1 200"), std::string::npos);
  Make("f", 100);  // replaced: another inode
  EXPECT_NE(Curl("-i -H 'If-None-Match: " + etag + "' " + Url("/f")).find("HTTP/1.1 200"), std::string::npos);
}

TEST_F(HttpServer, KeepsAConnectionForTheNextRequest) {
  const std::string twice = Raw(
      "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(twice.find("hello"), twice.rfind("hello"));
}

TEST_F(HttpServer, TakesPostsWithBearerAndBody) {
  EXPECT_EQ(Curl("-H 'Authorization: Bearer t' -d body " + Url("/report")), "t:body\n");
  const std::string large(70000, 'x');
  EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/large", large, 0600).ok());
  EXPECT_NE(Curl("-i --data-binary @" + dir_ + "/large " + Url("/report")).find("HTTP/1.1 413"), std::string::npos);
}

TEST_F(HttpServer, RefusesOtherMethodsAndBadTargets) {
  EXPECT_NE(Curl("-i -X DELETE " + Url("/f")).find("HTTP/1.1 405"), std::string::npos);
  EXPECT_NE(Curl("-i --path-as-is " + Url("/../etc/passwd")).find("HTTP/1.1 400"), std::string::npos);
  EXPECT_NE(Raw("GET /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").find("400"),
            std::string::npos);
  EXPECT_NE(Raw("junk\r\n\r\n").find("400"), std::string::npos);
  EXPECT_NE(Raw("GET / HTTP/1.1\r\nX: " + std::string(20000, 'x') + "\r\n\r\n").find("431"), std::string::npos);
}

TEST_F(HttpServer, ClosesAClientThatDoesNotFinishItsRequest) {
  Options options;
  options.header_timeout = std::chrono::seconds(1);
  Start(options);
  EXPECT_EQ(Raw("GET /hello HT"), "");
}

TEST_F(HttpServer, LimitsConnectionsOfOneClient) {
  Options options;
  options.max_connections_per_client = 1;
  Start(options);
  const int first = Connect();
  const std::string request = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
  send(first, request.data(), request.size(), 0);
  char byte = 0;
  ASSERT_EQ(recv(first, &byte, 1, 0), 1);  // it is served: the second is one too many
  EXPECT_EQ(Raw(request), "");
  close(first);
}

TEST_F(HttpServer, AClientThatLeavesInTheMiddleIsNoDelivery) {
  Make("f", 100u << 20);
  const int fd = Connect();
  const std::string request = "GET /f HTTP/1.1\r\nHost: x\r\n\r\n";
  send(fd, request.data(), request.size(), 0);
  char byte = 0;
  ASSERT_EQ(recv(fd, &byte, 1, 0), 1);
  close(fd);  // with unread data: a reset
  EXPECT_FALSE(NextEnd());
}

TEST_F(HttpServer, GoesOnWithTheOldFileWhenItIsReplaced) {
  const std::string content = Make("f", 60u << 20);
  const int fd = Connect();
  const std::string request = "GET /f HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  send(fd, request.data(), request.size(), 0);
  char byte = 0;
  ASSERT_EQ(recv(fd, &byte, 1, 0), 1);
  Make("f", 10);
  const std::string all = byte + ReadAll(fd);
  close(fd);
  EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), content);
}

TEST_F(HttpServer, ManyClientsAtOnceAllGetTheirFile) {
  const std::string content = Make("f", 2000000);
  std::vector<std::thread> clients;
  std::atomic<int> correct{0};
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&] { correct += Curl(Url("/f")) == content ? 1 : 0; });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(correct, 16);
}

TEST_F(HttpServer, ServesHttpsWithItsCertificate) {
  namespace pki = firesteel::pki;
  const auto now = firesteel::SystemClock().Now();
  const pki::KeyPair ca = *pki::GenerateCa("test", now);
  const pki::KeyPair leaf = *pki::IssueLeaf(ca, {.common_name = "bootd", .organization = "", .server_names = {"127.0.0.1"}}, now);
  ASSERT_TRUE(firesteel::WriteFileAtomically(dir_ + "/ca", ca.certificate, 0600).ok());
  ASSERT_TRUE(firesteel::WriteFileAtomically(dir_ + "/crt", leaf.certificate, 0600).ok());
  ASSERT_TRUE(firesteel::WriteFileAtomically(dir_ + "/key", leaf.key, 0600).ok());
  Options options;
  options.tls = TlsFiles{dir_ + "/crt", dir_ + "/key"};
  Start(options);
  scheme_ = "https";
  const std::string content = Make("f", 3000000);
  EXPECT_EQ(Curl("--cacert " + dir_ + "/ca " + Url("/f")), content);
  EXPECT_TRUE(NextEnd());
  EXPECT_EQ(Curl("--cacert " + dir_ + "/ca -H 'Authorization: Bearer t' -d b " + Url("/r")), "t:b\n");
  EXPECT_EQ(Curl(Url("/f")), "exit 60");  // curl: the certificate's authority is not trusted
}

}  // namespace
}  // namespace bootd::http
