// A TFTP client that a test drives packet by packet, or that loses some of them.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bootd/tftp/packet.h"
#include "bootd/tftp/socket.h"

namespace bootd::tftp {

inline Endpoint At(const char* ip, uint16_t port) {
  Endpoint endpoint;
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, ip, &v4) == 1) endpoint = Endpoint::Ipv4(v4);
  if (inet_pton(AF_INET6, ip, &v6) == 1) endpoint = Endpoint::Ipv6(v6);
  endpoint.set_port(port);
  return endpoint;
}

inline std::string Rrq(const std::string& name, const std::vector<std::string>& options = {},
                       const std::string& mode = "octet") {
  std::string packet("\0\1", 2);
  packet.append(name).push_back('\0');
  packet.append(mode).push_back('\0');
  for (const std::string& option : options) packet.append(option).push_back('\0');
  return packet;
}

inline std::string AckOf(uint64_t block) {
  return {0, 4, static_cast<char>(block >> 8 & 0xff), static_cast<char>(block & 0xff)};
}

class TestClient {
 public:
  // Each address is another machine.
  explicit TestClient(const char* ip = "127.0.0.1")
      : fd_(socket(At(ip, 0).family(), SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const Endpoint from = At(ip, 0);
    const int room = 4 << 20;
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    EXPECT_EQ(bind(fd_.get(), from.get(), from.size()), 0);
  }

  void Send(const std::string& packet, const Endpoint& to) {
    sendto(fd_.get(), packet.data(), packet.size(), 0, to.get(), to.size());
  }
  // To who sent last.
  void Answer(const std::string& packet) { Send(packet, from_); }

  // "" = nothing came.
  std::string Receive(int milliseconds = 10000) {
    pollfd waiting{fd_.get(), POLLIN, 0};
    if (poll(&waiting, 1, milliseconds) <= 0) return "";
    socklen_t size = Endpoint::capacity();
    const ssize_t got = recvfrom(fd_.get(), buffer_.data(), buffer_.size(), 0, from_.get(), &size);
    return buffer_.substr(0, got < 0 ? 0 : static_cast<size_t>(got));
  }
  const Endpoint& from() const { return from_; }

  // The whole file; nullopt after an ERROR packet or silence. `loss` = part of the packets that get lost,
  // in each direction.
  std::optional<std::string> Get(const std::string& name, const Endpoint& server, size_t block_size, size_t window,
                                 double loss = 0) {
    const std::vector<std::string> options = {"blksize", std::to_string(block_size), "windowsize",
                                              std::to_string(window)};
    Send(Rrq(name, options), server);
    std::string content;
    uint64_t expected = 0;  // 0 = the OACK
    size_t unacked = 0;
    std::optional<uint16_t> wrong;  // the last block that was not the expected one
    for (int silence = 0; silence < 20;) {
      const std::string packet = Receive(500);
      if (packet.size() < 4) {
        ++silence;
        expected == 0 ? Send(Rrq(name, options), server) : Answer(AckOf(expected - 1));
        continue;
      }
      if (Lost(loss)) continue;
      if (packet[1] == 5) return std::nullopt;
      const auto block = static_cast<uint16_t>(static_cast<uint8_t>(packet[2]) << 8 | static_cast<uint8_t>(packet[3]));
      const bool right = packet[1] == 6 ? expected == 0 : expected > 0 && block == static_cast<uint16_t>(expected);
      if (!right) {
        // Told once, and again when the server begins its window again.
        const bool tell = !wrong || static_cast<int16_t>(block - *wrong) <= 0;
        wrong = block;
        if (tell && !Lost(loss) && expected > 0) Answer(AckOf(expected - 1));
        continue;
      }
      silence = 0;
      wrong.reset();
      ++expected;
      if (packet[1] == 3) content += packet.substr(4);
      const bool last = packet[1] == 3 && packet.size() < block_size + 4;
      if (packet[1] == 3 && ++unacked < window && !last) continue;
      unacked = 0;
      if (last || !Lost(loss)) Answer(AckOf(expected - 1));
      if (last) return content;
    }
    return std::nullopt;
  }

 private:
  bool Lost(double loss) { return loss > 0 && std::uniform_real_distribution<>(0, 1)(random_) < loss; }

  UniqueFd fd_;
  Endpoint from_;
  std::string buffer_ = std::string(70000, '\0');
  std::mt19937 random_{1};
};

}  // namespace bootd::tftp
