// What the server does for those who ask as they should.
#include <fstream>

#include "tests/bootd/http/fixture.h"

#include "controller/pki/certificates.h"

namespace bootd::http {
namespace {

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
  const std::string date = first.substr(first.find("Last-Modified: ") + 15, 29);
  EXPECT_NE(Curl("-i -H 'If-Modified-Since: " + date + "' " + Url("/f")).find("HTTP/1.1 304"), std::string::npos);
}

// Small files are kept in memory.
TEST_F(HttpServer, NoticesThatAFileWasReplacedOrRemoved) {
  Make("f", 100);
  EXPECT_EQ(Curl(Url("/f")).size(), 100u);
  Make("f", 99);
  EXPECT_TRUE(Eventually([&](const Stats&) { return Curl(Url("/f")).size() == 99; }));
  fs::remove(dir_ + "/f");
  EXPECT_TRUE(Eventually([&](const Stats&) { return Curl("-i " + Url("/f")).find("HTTP/1.1 404") == 0; }));
}

TEST_F(HttpServer, ListsNoDirectory) {
  fs::create_directories(dir_ + "/d");
  EXPECT_EQ(Curl("-i " + Url("/d")).find("HTTP/1.1 404"), 0u);
  EXPECT_EQ(Curl("-i " + Url("/d/")).find("HTTP/1.1 404"), 0u);
}

TEST_F(HttpServer, KeepsAConnectionForTheNextRequest) {
  const std::string twice = Raw(
      "GET /hello HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(twice.find("hello"), twice.rfind("hello"));
}

TEST_F(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  constexpr int kRequests = 1000;
  std::string requests;
  for (int i = 0; i < kRequests; ++i) {
    requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n" + std::to_string(1000 + i);
  }
  const int fd = Connect();
  std::thread sender([&] { Send(fd, requests + "GET /hello HTTP/1.0\r\n\r\n"); });
  const std::string all = ReadAll(fd);
  sender.join();
  close(fd);
  size_t at = 0;
  for (int i = 0; i < kRequests; ++i) {
    at = all.find("\r\n\r\n:" + std::to_string(1000 + i) + "\n", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_NE(all.find("hello", at), std::string::npos);
}

TEST_F(HttpServer, KeepsHttp10OpenOnlyIfAsked) {
  const std::string once = Raw("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_NE(once.find("Connection: close\r\n"), std::string::npos);
  const std::string twice = Raw("GET /hello HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /hello HTTP/1.0\r\n\r\n");
  EXPECT_NE(twice.find("hello"), twice.rfind("hello"));
}

TEST_F(HttpServer, AnswersAClientThatHasFinishedSending) {
  const int fd = Connect();
  Send(fd, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  shutdown(fd, SHUT_WR);
  EXPECT_NE(ReadAll(fd).find("hello"), std::string::npos);
  close(fd);
}

TEST_F(HttpServer, AsksForABodyThatWaits) {
  const int fd = Connect();
  Send(fd, "POST /r HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(ReadUntil(fd, "\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  Send(fd, "body");
  EXPECT_NE(ReadAll(fd).find(":body"), std::string::npos);
  close(fd);
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

TEST_F(HttpServer, AFileThatIsCutUnderATransferIsNoDelivery) {
  constexpr size_t kSize = 100u << 20;
  Make("f", kSize);
  const int fd = Connect();
  Send(fd, "GET /f HTTP/1.1\r\nHost: x\r\n\r\n");
  char byte = 0;
  ASSERT_EQ(recv(fd, &byte, 1, 0), 1);
  fs::resize_file(dir_ + "/f", 1000);
  EXPECT_LT(ReadAll(fd).size(), kSize);
  EXPECT_FALSE(NextEnd());
  EXPECT_TRUE(Eventually([](const Stats& stats) { return stats.broken_transfers == 1; }));
  close(fd);
}

// By `cp` and not by rename: what a client has then is of two files, so it must not look complete.
TEST_F(HttpServer, AFileThatIsWrittenToUnderATransferIsNoDelivery) {
  constexpr size_t kSize = 100u << 20;
  Make("f", kSize);
  const int fd = Connect();
  Send(fd, "GET /f HTTP/1.1\r\nHost: x\r\n\r\n");
  char byte = 0;
  ASSERT_EQ(recv(fd, &byte, 1, 0), 1);
  std::fstream(dir_ + "/f", std::ios::in | std::ios::out).write("other", 5);
  EXPECT_LT(ReadAll(fd).size(), kSize);
  EXPECT_FALSE(NextEnd());
  close(fd);
}

TEST_F(HttpServer, CountsWhatItDoes) {
  Make("f", 1000);
  Curl(Url("/f"));
  Curl(Url("/none"));
  EXPECT_TRUE(Eventually([](const Stats& stats) { return stats.connections == 0; }));
  const Stats stats = server_->stats();
  EXPECT_EQ(stats.replies, (std::map<int, uint64_t>{{200, 1}, {404, 1}}));
  EXPECT_GE(stats.body_bytes, 1000u);
  EXPECT_EQ(stats.broken_transfers, 0u);
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

class HttpsServer : public HttpServer {
 protected:
  HttpsServer() {
    Issue("bootd");
    Options options;
    options.tls = TlsFiles{dir_ + "/crt", dir_ + "/key"};
    Start(options);
    scheme_ = "https";
  }
  void Issue(const std::string& name) {
    namespace pki = firesteel::pki;
    const auto now = firesteel::SystemClock().Now();
    const pki::KeyPair ca = *pki::GenerateCa("test", now);
    const pki::KeyPair leaf = *pki::IssueLeaf(ca, {.common_name = name, .organization = "", .server_names = {"127.0.0.1"}}, now);
    ASSERT_TRUE(firesteel::WriteFileAtomically(dir_ + "/ca", ca.certificate, 0600).ok());
    ASSERT_TRUE(firesteel::WriteFileAtomically(dir_ + "/crt", leaf.certificate, 0600).ok());
    ASSERT_TRUE(firesteel::WriteFileAtomically(dir_ + "/key", leaf.key, 0600).ok());
  }
  std::string WithCa(const std::string& rest) const { return Curl("--cacert " + dir_ + "/ca " + rest); }
};

TEST_F(HttpsServer, ServesWithItsCertificate) {
  const std::string content = Make("f", 3000000);
  EXPECT_EQ(WithCa(Url("/f")), content);
  EXPECT_TRUE(NextEnd());
  EXPECT_EQ(WithCa("-r 1000000-1999999 " + Url("/f")), content.substr(1000000, 1000000));
  EXPECT_EQ(WithCa("-H 'Authorization: Bearer t' -d b " + Url("/r")), "t:b\n");
  EXPECT_EQ(WithCa(Url("/hello") + " " + Url("/hello")), "hello\nhello\n");
  EXPECT_EQ(Curl(Url("/f")), "exit 60");  // curl: the certificate's authority is not trusted
}

TEST_F(HttpsServer, RefusesPlainTextAndOldTls) {
  EXPECT_EQ(Raw("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").find("HTTP/"), std::string::npos);
  EXPECT_EQ(WithCa("--tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 " + Url("/hello")), "exit 35");
  EXPECT_EQ(WithCa("--tls-max 1.2 " + Url("/hello")), "hello\n");
}

TEST_F(HttpsServer, TakesUpARenewedCertificate) {
  EXPECT_EQ(WithCa(Url("/hello")), "hello\n");
  Issue("renewed");
  EXPECT_TRUE(Eventually([&](const Stats&) { return WithCa(Url("/hello")) == "hello\n"; }));
}

}  // namespace
}  // namespace bootd::http
