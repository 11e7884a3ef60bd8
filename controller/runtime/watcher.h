// Keeps a Store equal to the API server's objects of one kind: list, then watch from there; list again
// when the server has forgotten (410) or the connection was lost for long.
// Guarantee: after any change on the server, Store follows and on_change is called for its key, however
// often the connection breaks. Caveat: changes in quick succession may be one call.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "controller/kube/client.h"
#include "controller/runtime/store.h"

namespace firesteel::runtime {

struct WatchScope {
  kube::Resource resource;
  std::string ns;              // "" = all namespaces
  std::string label_selector;  // "" = all
};

class Watcher {
 public:
  using OnChange = std::function<void(const api::ObjectKey&)>;

  // Starts at once, on a thread of its own. `client` and `store` must outlive it; on_change runs on
  // that thread.
  Watcher(kube::Client& client, WatchScope scope, Store& store, OnChange on_change);
  ~Watcher();  // stops and waits

  // Whether the first list is in the store.
  bool Synced() const { return synced_; }

 private:
  void Run(std::stop_token stop);
  Status ListAll(std::stop_token stop);
  Status WatchOnce(std::stop_token stop);
  void Apply(kube::WatchEvent event);

  kube::Client& client_;
  const WatchScope scope_;
  Store& store_;
  const OnChange on_change_;
  std::string resource_version_;  // only the thread's; "" = list first
  std::atomic<bool> synced_{false};
  std::jthread thread_;  // last: uses all above
};

}  // namespace firesteel::runtime
