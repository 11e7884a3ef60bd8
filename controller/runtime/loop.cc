#include "controller/runtime/loop.h"

#include "base/contain.h"
#include "base/log.h"
#include "controller/runtime/backoff.h"

namespace firesteel::runtime {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstRetry{250};
constexpr milliseconds kFirstRetryAfterStop{5000};
constexpr milliseconds kSlowestRetry{60000};

LoopMetrics::Result ResultOf(const Outcome& outcome) {
  if (std::holds_alternative<Retry>(outcome) || std::holds_alternative<Stop>(outcome)) return LoopMetrics::Result::kError;
  return std::holds_alternative<Done>(outcome) ? LoopMetrics::Result::kSuccess : LoopMetrics::Result::kRequeueAfter;
}

}  // namespace

Loop::Loop(std::string name, WorkQueue& queue, Reconcile reconcile, Metrics& metrics, int workers)
    : name_(std::move(name)), queue_(queue), reconcile_(std::move(reconcile)), metrics_(metrics.OfLoop(name_)) {
  for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { Work(); });
}

Loop::~Loop() {
  queue_.Shutdown();
  threads_.clear();  // joins
}

void Loop::Work() {
  while (const std::optional<api::ObjectKey> key = queue_.Take()) {
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = Run(*key);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    metrics_.Reconciled(ResultOf(outcome), took.count());
    Handle(*key, outcome);
    queue_.Finish(*key);
    metrics_.QueueDepth(queue_.Depth());
  }
}

Outcome Loop::Run(const api::ObjectKey& key) {
  Outcome outcome;
  const Status ran = Contain([&] { outcome = reconcile_(key); });
  if (ran.ok()) return outcome;
  metrics_.Panicked();
  LogError("reconcile threw", {{"controller", name_}, {"object", key.ToString()}, {"error", ran.error().message}});
  return Retry{ran.error()};
}

void Loop::Handle(const api::ObjectKey& key, const Outcome& outcome) {
  if (const auto* retry = std::get_if<Retry>(&outcome)) return TryAgain(key, retry->error, kFirstRetry);
  if (const auto* stop = std::get_if<Stop>(&outcome)) return TryAgain(key, stop->error, kFirstRetryAfterStop);
  ClearFailures(key);
  if (const auto* wait = std::get_if<WaitFor>(&outcome)) queue_.Add(key, wait->delay);
  if (const auto* wait = std::get_if<NotYet>(&outcome)) queue_.Add(key, wait->delay);
}

void Loop::TryAgain(const api::ObjectKey& key, const Error& error, milliseconds first) {
  const int failures = CountFailure(key);
  const milliseconds delay = std::max<milliseconds>(Backoff(failures, first, kSlowestRetry, RandomJitter()),
                                                    std::chrono::seconds(error.retry_after_seconds));
  // A conflict only says that somebody was faster; the next try reads what they wrote.
  const LogLevel level = error.code == Code::kConflict ? LogLevel::kDebug : LogLevel::kWarning;
  Log(level, "reconcile failed", {{"controller", name_},
                                  {"object", key.ToString()},
                                  {"code", CodeName(error.code)},
                                  {"error", error.message},
                                  {"retry_in_ms", delay.count()}});
  queue_.Add(key, delay);
}

int Loop::CountFailure(const api::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  return ++failures_[key];
}

void Loop::ClearFailures(const api::ObjectKey& key) {
  std::lock_guard lock(mutex_);
  failures_.erase(key);
}

}  // namespace firesteel::runtime
