#include "controller/runtime/readiness.h"

namespace firesteel::runtime {
namespace {

// The Lease is asked for every two seconds, and a call ends within five.
constexpr std::chrono::seconds kUnanswered{30};

}  // namespace

std::string WhyNotReady(const ReadinessFacts& facts, MonotonicTime now) {
  if (!facts.answered) return "the API server has not answered yet: see the log for why";
  if (const auto silent = now - *facts.answered; silent > kUnanswered) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(silent).count();
    return "the API server has not answered for " + std::to_string(seconds) + " s: see the log for why";
  }
  if (!facts.synced) return "the first lists of hosts, clusters and Secrets are not complete";
  return "";
}

}  // namespace firesteel::runtime
