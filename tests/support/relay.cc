#include "tests/support/relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace firesteel::test {
namespace {

constexpr int kPollMilliseconds = 5;  // how soon a command is noticed

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void Pause(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace

Relay::Relay(uint16_t upstream) : upstream_(upstream) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  listen(listener_, 64);
  socklen_t size = sizeof address;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this](std::stop_token stop) { Accept(stop); });
}

Relay::~Relay() {
  acceptor_.request_stop();
  acceptor_.join();
  Cut();
  close(listener_);
}

void Relay::SwallowOpen() { swallowed_ = accepted_.load(); }

void Relay::Cut() {
  std::vector<std::jthread> pumps;
  std::lock_guard lock(mutex_);
  pumps.swap(pumps_);  // their destructors stop and join them
}

bool Relay::AwaitAccepted(int count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return accepted_ >= count; });
}

void Relay::Accept(std::stop_token stop) {
  while (!stop.stop_requested()) {
    pollfd ready{listener_, POLLIN, 0};
    if (poll(&ready, 1, kPollMilliseconds) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(upstream_);
    if (client >= 0 && connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      Add(client, server);
      continue;
    }
    close(client);
    close(server);
  }
}

void Relay::Add(int client, int server) {
  std::lock_guard lock(mutex_);
  const int age = ++accepted_;
  pumps_.emplace_back([this, age, connection = Connection{client, server, cut_after_}](std::stop_token stop) {
    Pump(connection, age, stop);
  });
  changed_.notify_all();
}

void Relay::Pump(Connection connection, int age, std::stop_token stop) {
  while (!stop.stop_requested() && Turn(connection, age)) {
  }
  close(connection.client);
  close(connection.server);
}

bool Relay::Turn(Connection& connection, int age) {
  if (frozen_) {
    Pause(std::chrono::milliseconds(kPollMilliseconds));
    return true;
  }
  pollfd ready[] = {{connection.client, POLLIN, 0}, {connection.server, POLLIN, 0}};
  if (poll(ready, 2, kPollMilliseconds) <= 0) return true;
  if (age <= swallowed_) {
    char lost[65536];
    for (const pollfd& side : ready) {
      if (side.revents != 0) recv(side.fd, lost, sizeof lost, MSG_DONTWAIT);
    }
    Pause(std::chrono::milliseconds(kPollMilliseconds));  // an end is swallowed too, and is ready at once again
    return true;
  }
  size_t from_client = 0;
  if (ready[0].revents != 0 && !Move(connection.client, connection.server, from_client)) return false;
  if (ready[1].revents != 0 && !Move(connection.server, connection.client, connection.from_server)) return false;
  return connection.cut_after == 0 || connection.from_server < connection.cut_after;
}

bool Relay::Move(int from, int to, size_t& moved) const {
  if (const std::chrono::milliseconds delay = delay_; delay.count() > 0) Pause(delay);
  std::string piece(std::min<size_t>(piece_, 65536), '\0');
  const ssize_t size = read(from, piece.data(), piece.size());
  for (ssize_t done = 0; done < size;) {
    const ssize_t written = send(to, piece.data() + done, static_cast<size_t>(size - done), MSG_NOSIGNAL);
    if (written <= 0) return false;
    done += written;
  }
  moved += static_cast<size_t>(std::max<ssize_t>(size, 0));
  return size > 0;
}

}  // namespace firesteel::test
