// Keeps a Store equal to the API server's objects of one kind: list, then watch from there; list again when the server
// has forgotten the version (410).
// Guarantee: after any change on the server, Store follows and on_change is called for its key, however often the
// connection breaks; within 75 seconds where it only falls silent (kube::WatchOptions), and the pause after a failure.
// Caveat: changes in quick succession may be one call.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "controller/kube/client.h"
#include "controller/runtime/store.h"
#include "controller/runtime/watch_pause.h"

namespace firesteel::runtime {

struct WatchScope {
  kube::Resource resource;
  std::string ns;              // "" = all namespaces
  std::string label_selector;  // "" = all
};

// What a test shortens.
struct WatchPace {
  int timeout_seconds = kube::WatchOptions{}.timeout_seconds;
  std::chrono::seconds slack = kube::WatchOptions{}.slack;
  std::function<void(std::stop_token, std::chrono::milliseconds)> pause;  // none = sleeps
};

class Watcher {
 public:
  using OnChange = std::function<void(const api::ObjectKey&)>;

  // Starts at once, on a thread of its own. `client` and `store` must outlive it; on_change runs on
  // that thread. What on_change throws is logged.
  Watcher(kube::Client& client, WatchScope scope, Store& store, OnChange on_change, WatchPace pace = {});
  ~Watcher();  // stops and waits

  // Whether the first list is in the store.
  bool Synced() const { return synced_; }

 private:
  void Run(std::stop_token stop);
  void Pause(std::stop_token stop, const Status& end);
  Status Round(std::stop_token stop);
  Status ListAll(std::stop_token stop);
  Status WatchOnce(std::stop_token stop);
  void Apply(kube::WatchEvent event);
  void Tell(const api::ObjectKey& key) const;

  kube::Client& client_;
  const WatchScope scope_;
  Store& store_;
  const OnChange on_change_;
  const WatchPace pace_;
  WatchPause pause_;              // only the thread's, as is the next
  std::string resource_version_;  // "" = list first
  std::atomic<bool> synced_{false};
  std::jthread thread_;  // last: uses all above
};

}  // namespace firesteel::runtime
