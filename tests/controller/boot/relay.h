// A TCP relay between client and server that can cut its connections, or stop moving bytes while they
// stay open, as a network does.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace firesteel::boot {

class Relay {
 public:
  Relay() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = Loopback(0);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    listen(listener_, 16);
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::jthread([this](std::stop_token stop) { Accept(stop); });
  }
  ~Relay() {
    acceptor_.request_stop();
    acceptor_.join();
    Cut();
    close(listener_);
  }

  uint16_t port() const { return port_; }
  void SetUpstream(uint16_t port) { upstream_ = port; }  // of connections to come
  void SetFrozen(bool frozen) { frozen_ = frozen; }
  void Cut() {
    std::vector<std::jthread> pumps;
    std::lock_guard lock(mutex_);
    pumps.swap(pumps_);  // their destructors stop and join them
  }
  int accepted() const { return accepted_; }

 private:
  static sockaddr_in Loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void Accept(std::stop_token stop) {
    while (!stop.stop_requested()) {
      pollfd ready{listener_, POLLIN, 0};
      if (poll(&ready, 1, 20) <= 0) continue;
      const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_in address = Loopback(upstream_);
      if (client < 0 || connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        close(client);
        close(server);
        continue;
      }
      ++accepted_;
      std::lock_guard lock(mutex_);
      pumps_.emplace_back([this, client, server](std::stop_token done) { Pump(client, server, done); });
    }
  }

  void Pump(int client, int server, std::stop_token stop) {
    bool open = true;
    while (open && !stop.stop_requested()) {
      if (frozen_) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        continue;
      }
      pollfd ready[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      if (poll(ready, 2, 20) <= 0) continue;
      if (ready[0].revents != 0) open = Move(client, server);
      if (open && ready[1].revents != 0) open = Move(server, client);
    }
    close(client);
    close(server);
  }

  static bool Move(int from, int to) {
    char buffer[65536];
    const ssize_t size = read(from, buffer, sizeof buffer);
    for (ssize_t done = 0; done < size;) {
      const ssize_t written = send(to, buffer + done, static_cast<size_t>(size - done), MSG_NOSIGNAL);
      if (written <= 0) return false;
      done += written;
    }
    return size > 0;
  }

  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<uint16_t> upstream_{0};
  std::atomic<bool> frozen_{false};
  std::atomic<int> accepted_{0};
  std::mutex mutex_;
  std::vector<std::jthread> pumps_;  // guarded by mutex_
  std::jthread acceptor_;
};

}  // namespace firesteel::boot
