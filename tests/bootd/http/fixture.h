// A server on loopback, asked by curl and raw sockets.
#pragma once

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
#include "bootd/http/server.h"

namespace bootd::http {
namespace fs = std::filesystem;

// A server over a directory of its own. Every file's transfer end is kept for NextEnd().
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
    if (request.method == Method::kPost) return TextReply(200, std::string(request.bearer) + ":" + std::string(request.body));
    if (request.path == "/hello") return TextReply(200, "hello");
    Reply reply;
    if (request.path == "/limited") {
      reply.content = core::BytesContent{std::string(16 << 20, 'x'), "text/plain", [this](bool complete) { KeepEnd(complete); },
                                         std::chrono::seconds(1)};
      return reply;
    }
    reply.content = core::FileContent{dir_ + std::string(request.path), [this](bool complete) { KeepEnd(complete); }};
    return reply;
  }

  void KeepEnd(bool complete) {
    std::lock_guard lock(mutex_);
    ends_.push_back(complete);
    ended_.notify_all();
  }

  bool NextEnd() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(ended_.wait_for(lock, std::chrono::seconds(30), [&] { return !ends_.empty(); }));
    if (ends_.empty()) return false;
    const bool end = ends_.front();
    ends_.erase(ends_.begin());
    return end;
  }

  // Waits until the server's statistics say so.
  template <typename Condition>
  bool Eventually(Condition condition) const {
    for (int i = 0; i < 3000 && !condition(server_->stats()); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return condition(server_->stats());
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
  static std::string ReadAll(int fd) { return ReadUntil(fd, ""); }
  // As above, or until `end` has come.
  static std::string ReadUntil(int fd, const std::string& end) {
    std::string all;
    char chunk[4096];
    pollfd ready{fd, POLLIN, 0};
    while ((end.empty() || all.find(end) == std::string::npos) && poll(&ready, 1, 30000) > 0) {
      const ssize_t size = recv(fd, chunk, sizeof chunk, 0);
      if (size <= 0) break;
      all.append(chunk, static_cast<size_t>(size));
    }
    return all;
  }
  static void Send(int fd, const std::string& bytes) { send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); }
  std::string Raw(const std::string& request) const {
    const int fd = Connect();
    Send(fd, request);
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

}  // namespace bootd::http
