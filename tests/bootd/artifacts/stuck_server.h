// An HTTP server on loopback that sends the first half of a file and then nothing, until it is told to go on.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace bootd::test {

class StuckServer {
 public:
  explicit StuckServer(std::string content) : content_(std::move(content)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_.get(), 64);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](std::stop_token stop) { Serve(stop); });
  }
  ~StuckServer() {
    thread_.request_stop();
    Wake();
  }

  std::string Url(const std::string& name) const { return "http://127.0.0.1:" + std::to_string(port_) + "/" + name; }

  // From now on the second half follows at once, also to those that wait.
  void Release() {
    released_ = true;
    Wake();
  }
  // Waits for `count` requests since the beginning; false after 30 s.
  bool AwaitRequests(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return heads_.size() >= count; });
  }
  std::string Head(size_t index) {
    std::lock_guard lock(mutex_);
    return heads_.at(index);
  }
  // The most clients that were connected at one time.
  size_t most_at_once() {
    std::lock_guard lock(mutex_);
    return most_;
  }

 private:
  struct Client {
    firesteel::UniqueFd fd;
    size_t sent_to = 0;  // of the content
    bool asked = false;
  };

  void Wake() const { eventfd_write(wake_.get(), 1); }

  void Serve(const std::stop_token& stop) {
    std::vector<Client> clients;
    while (!stop.stop_requested()) {
      std::vector<pollfd> polled{{listener_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
      for (const Client& client : clients) polled.push_back({client.fd.get(), POLLIN, 0});
      poll(polled.data(), polled.size(), -1);
      if (polled[1].revents != 0) {
        eventfd_t ignored = 0;
        eventfd_read(wake_.get(), &ignored);
      }
      std::erase_if(clients, [&](Client& client) { return !Read(client) || !SendRest(client); });
      if (polled[0].revents != 0) clients.push_back({firesteel::UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC))});
      std::lock_guard lock(mutex_);
      most_ = std::max(most_, clients.size());
    }
  }

  // The head arrives in one piece: it is small, and from loopback. False: the client is gone.
  bool Read(Client& client) {
    char head[4096];
    const ssize_t size = recv(client.fd.get(), head, sizeof head, MSG_DONTWAIT);
    if (size == 0) return false;
    if (size < 0) return errno == EAGAIN;
    const std::string text(head, static_cast<size_t>(size));
    const size_t range = text.find("Range: bytes=");
    client.sent_to = range == std::string::npos ? 0 : std::stoul(text.substr(range + 13));
    client.asked = true;
    Send(client, (range == std::string::npos ? "HTTP/1.1 200 OK\r\n" : "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " +
         std::to_string(client.sent_to) + "-" + std::to_string(content_.size() - 1) + "/" + std::to_string(content_.size()) + "\r\n") +
         "Content-Length: " + std::to_string(content_.size() - client.sent_to) + "\r\n\r\n");
    SendTo(client, content_.size() / 2);
    std::lock_guard lock(mutex_);
    heads_.push_back(text);
    changed_.notify_all();
    return true;
  }
  bool SendRest(Client& client) {
    if (client.asked && released_) SendTo(client, content_.size());
    return true;
  }
  void SendTo(Client& client, size_t end) {
    if (client.sent_to >= end) return;
    Send(client, content_.substr(client.sent_to, end - client.sent_to));
    client.sent_to = end;
  }
  static void Send(const Client& client, const std::string& bytes) { send(client.fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  const std::string content_;
  const firesteel::UniqueFd listener_;
  const firesteel::UniqueFd wake_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  uint16_t port_ = 0;
  std::atomic<bool> released_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> heads_;  // guarded by mutex_
  size_t most_ = 0;                 // guarded by mutex_
  std::jthread thread_;
};

}  // namespace bootd::test
