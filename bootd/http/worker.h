// One thread and its connections: an epoll loop with deadlines.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "bootd/http/connection.h"

namespace bootd::http {

class Worker {
 public:
  // `on_closed` is told of each connection's client on the worker's thread. All outlive the worker.
  Worker(const Options& options, const Handler& handler, std::function<void(const ClientAddress&)> on_closed);
  ~Worker();  // stops; cuts its connections

  // Before Start: this worker calls `on_ready` on its thread while `listener` has connections to accept.
  // It returns how long to leave the listener alone (0 = not at all).
  void Watch(int listener, std::function<std::chrono::milliseconds()> on_ready);
  void Start();
  void Stop();  // waits for its thread

  // Thread-safe.
  void Adopt(std::unique_ptr<Connection> connection);
  size_t load() const { return load_; }  // connections, with those on their way here
  const WorkerStats& stats() const { return context_.stats; }

  // Only on the worker's thread: closes the connection that has waited longest for a request. False = all
  // are busy.
  bool Evict();

 private:
  struct Slot {
    std::unique_ptr<Connection> connection;
    Wait wait = Wait::kTurn;
    uint64_t progress = 0;
    firesteel::MonotonicTime deadline;
    std::list<Slot>::iterator self;
  };
  using Slots = std::list<Slot>;

  void Run();
  void Turn();
  void Tick();
  int TimeoutMs() const;
  void TakeMail();
  void AcceptSome();
  void SetListening(bool on);
  void Handle(Slot& slot, uint32_t events);
  void Place(Slot& slot, Wait wait);
  void Expire();
  std::chrono::milliseconds Patience(Wait wait) const;
  Slots& Waiting(Wait wait) { return slots_[static_cast<size_t>(wait)]; }

  Context context_;
  const std::function<void(const ClientAddress&)> on_closed_;
  const firesteel::UniqueFd epoll_;
  const firesteel::UniqueFd wake_;
  int listener_ = -1;
  std::function<std::chrono::milliseconds()> on_ready_;
  std::optional<firesteel::MonotonicTime> listen_again_;
  // By what the connections wait for. Each list is in the order of its deadlines, because all in it wait equally long.
  std::array<Slots, 6> slots_;
  time_t date_of_ = 0;
  std::atomic<size_t> load_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> mail_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace bootd::http
