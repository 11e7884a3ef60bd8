// A TCP relay on loopback between a client and a server, which does on command what networks do: hold bytes back, swallow
// them, delay them, pass them on in small pieces, cut connections.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace firesteel::test {

// Thread-safe.
class Relay {
 public:
  explicit Relay(uint16_t upstream = 0);
  ~Relay();

  uint16_t port() const { return port_; }
  void SetUpstream(uint16_t port) { upstream_ = port; }  // of connections to come

  // No byte moves while it is frozen; connections are still accepted, and all bytes arrive once it thaws.
  void SetFrozen(bool frozen) { frozen_ = frozen; }
  // The connections that are open now stay open and are silent from now on, as behind a NAT that has forgotten them: what
  // is sent over them is lost. New connections work.
  void SwallowOpen();
  void SetDelay(std::chrono::milliseconds delay) { delay_ = delay; }  // before each piece is passed on
  // At most this many bytes are passed on at once, and in turn with those of the other direction.
  void SetPiece(size_t bytes) { piece_ = bytes; }
  // Connections to come are cut once this many bytes came from the server; 0 = they are not.
  void CutAfter(size_t bytes) { cut_after_ = bytes; }
  void Cut();  // the connections that are open now

  // Connections that were accepted and reached the server, since the start.
  int accepted() const { return accepted_; }
  bool AwaitAccepted(int count);  // false = not within a minute

 private:
  struct Connection {
    int client;
    int server;
    size_t cut_after;
    size_t from_server = 0;
  };
  void Accept(std::stop_token stop);
  void Add(int client, int server);
  void Pump(Connection connection, int age, std::stop_token stop);
  bool Turn(Connection& connection, int age);       // false = the connection has ended
  bool Move(int from, int to, size_t& moved) const;  // one piece

  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<uint16_t> upstream_;
  std::atomic<bool> frozen_{false};
  std::atomic<int> swallowed_{0};  // connections up to this one are
  std::atomic<std::chrono::milliseconds> delay_{std::chrono::milliseconds(0)};
  std::atomic<size_t> piece_{65536};
  std::atomic<size_t> cut_after_{0};
  std::atomic<int> accepted_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::jthread> pumps_;  // guarded by mutex_
  std::jthread acceptor_;            // last: it uses the above
};

}  // namespace firesteel::test
