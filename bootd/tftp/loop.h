// The server's thread. It takes packets from the sockets in batches, hands each to its transfer, and sends what the
// transfers answer in batches. The transfers share a few sockets that have ports of their own (RFC 1350's transfer id is
// the pair of ports), because one system call then takes or sends the packets of many clients.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <stop_token>
#include <vector>

#include "base/limits.h"
#include "base/repeat_filter.h"
#include "base/unique_fd.h"
#include "bootd/tftp/shared_files.h"
#include "bootd/tftp/inbox.h"
#include "bootd/tftp/outbox.h"
#include "bootd/tftp/server.h"
#include "bootd/tftp/sessions.h"
#include "bootd/tftp/socket.h"
#include "bootd/tftp/timer_wheel.h"

namespace bootd::tftp {

class Loop {
 public:
  // The first socket is the listening one, and the only one where options.single_port is set.
  Loop(Options options, Handler handler, Observer observer, std::vector<UniqueFd> sockets);

  // Until `stop`, which `wake_fd` becoming readable announces; ends all transfers.
  void Run(std::stop_token stop, int wake_fd);

  uint16_t port() const { return port_; }
  size_t transfers() const { return count_; }  // thread-safe, as port()

 private:
  void Wait();
  void Drain(size_t port);
  void OnDatagram(size_t port, size_t i);
  void OnUnknown(size_t port, size_t i);
  void OnRequest(size_t i, const ReadRequest& request);
  void Begin(size_t i, const ReadRequest& request);
  std::variant<Content, Refused> Open(const Request& request);
  std::optional<size_t> FreePort(const Endpoint& peer);
  bool MakeRoom();

  void Do(Session& session, const Step& step);
  bool SendBlocks(Session& session, const SendBlocks& blocks);
  const char* Read(Session& session, uint64_t offset, size_t size);
  const char* ReadThrough(Content& content, uint64_t offset, size_t size);
  void Fail(Session& session, Outcome outcome, std::string_view message);
  void End(Session& session, Outcome outcome);
  void Refuse(size_t i, Refusal why, const Refused& answer);
  void RefuseRequest(size_t i, Refusal why, const Refused& answer);
  void Report(size_t i, Refusal why, const std::string& message);

  void Arm(Session& session);
  void ExpireSessions();
  void SetTimer();
  void Flush();
  Route RouteOf(const Session& session) const;
  Route AnswerRoute(size_t port, size_t i) const;

  const Options options_;
  const Handler handler_;
  const Observer observer_;
  const std::vector<UniqueFd> sockets_;
  const uint16_t port_;
  const bool any_address_;  // bound to all addresses: packets must name theirs
  const uint64_t seed_;
  const UniqueFd epoll_;
  const UniqueFd timer_;
  const PathMtu path_mtu_;
  firesteel::MonotonicTime now_;
  TimerWheel wheel_;
  firesteel::MonotonicTime timer_at_ = firesteel::MonotonicTime::max();  // timer_ is set to this; max = off
  Admission admission_;
  firesteel::RepeatFilter told_{std::chrono::hours(1), 4096};  // which client's offences the log has, by kind
  firesteel::TokenBucket strangers_;  // answers to packets of no transfer
  SharedFiles files_;
  Sessions sessions_;
  uint64_t begun_ = 0;
  std::array<uint8_t, 4096> last_ports_{};  // that a client's port had last, by its hash
  std::atomic<size_t> count_{0};
  std::deque<uint64_t> unanswered_;  // sessions by age; those that answered or ended meanwhile among them
  size_t aheads_ = 0;                // sessions that have a ReadAhead
  std::vector<Content> dead_;        // of ended sessions, until what they queued is sent
  std::vector<TimerWheel::Entry> due_;
  Inbox inbox_;
  Outbox outbox_;
};

}  // namespace bootd::tftp
