// One look at the etcd members of a cluster, in bounded time: members that swallow packets must not keep a worker for long,
// nor again and again.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "controller/kube/http_client.h"
#include "controller/reconcile/api_backoff.h"

namespace firesteel::reconcile {

// Connects to a member by its client URL, "https://10.0.0.11:2379". No call takes longer than `timeout`.
using EtcdDial = std::function<std::unique_ptr<kube::HttpClient>(const std::string& url, std::chrono::milliseconds timeout)>;

// Which questions the members of one cluster let wait. A member without a quorum answers some questions at once and
// others never, so each question has its own back-off. Thread-safe.
class EtcdBackoffs {
 public:
  explicit EtcdBackoffs(const Clock& clock) : clock_(clock) {}
  std::shared_ptr<ApiBackoff> Of(const std::string& url, const kube::HttpRequest& question);
  const Clock& clock() const { return clock_; }

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<ApiBackoff>> by_question_;  // guarded by mutex_
};

// Not thread-safe. What is referred to must outlive it.
class EtcdLook {
 public:
  EtcdLook(const EtcdDial& dial, EtcdBackoffs& backoffs);

  // Unavailable at once where the member let this question wait a short time ago, or where the look has no time left.
  Result<kube::HttpResponse> Ask(const std::string& url, const kube::HttpRequest& question);
  // The same, though the member let this question wait.
  Result<kube::HttpResponse> AskAnyway(const std::string& url, const kube::HttpRequest& question);
  // Whether some question was not asked for want of time: no conclusion may be drawn from what is missing.
  bool ran_out() const { return ran_out_; }

 private:
  const EtcdDial& dial_;
  EtcdBackoffs& backoffs_;
  const MonotonicTime deadline_;
  bool ran_out_ = false;
};

}  // namespace firesteel::reconcile
