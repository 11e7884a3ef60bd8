// What a loop does with each outcome, and with a reconcile that throws.
#include "controller/runtime/loop.h"

#include <gmock/gmock.h>

#include <map>
#include <stdexcept>

#include "tests/support/awaited.h"

namespace firesteel::runtime {
namespace {

using std::chrono::milliseconds;
using test::Awaited;

const api::ObjectKey kA{"ns", "a"};
const api::ObjectKey kB{"ns", "b"};

class LoopTest : public testing::Test {
 protected:
  using Counts = std::map<std::string, int>;
  // A loop whose reconcile counts its calls by name, and then does as `outcome` says.
  void Start(const std::function<Outcome(const api::ObjectKey&, int call)>& outcome, int workers = 1) {
    loop_ = std::make_unique<Loop>(
        "test", queue_,
        [this, outcome](const api::ObjectKey& key) {
          int call = 0;
          calls_.Change([&](Counts& counts) { call = ++counts[key.name]; });
          return outcome(key, call);
        },
        metrics_, workers);
  }
  bool AwaitCalls(const std::string& name, int times) {
    return calls_.Await([&](Counts& counts) { return counts[name] >= times; });
  }
  bool AwaitMetric(const std::string& line) {
    for (int i = 0; i < 6000; ++i) {
      if (metrics_.Text().find(line) != std::string::npos) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }

  WorkQueue queue_;
  Metrics metrics_;
  Awaited<Counts> calls_;
  std::unique_ptr<Loop> loop_;  // last: it uses the above
};

TEST_F(LoopTest, AReconcileThatThrowsIsTriedAgainAndOtherKeysGoOn) {
  Start([](const api::ObjectKey& key, int call) -> Outcome {
    if (key == kA && call == 1) throw std::runtime_error("invalid UTF-8 byte");
    if (key == kA && call == 2) throw 7;
    return Done{};
  });
  queue_.Add(kA);
  queue_.Add(kB);
  EXPECT_TRUE(AwaitCalls("b", 1));
  EXPECT_TRUE(AwaitCalls("a", 3));
  EXPECT_TRUE(AwaitMetric("controller_runtime_reconcile_panics_total{controller=\"test\"} 2\n")) << metrics_.Text();
  EXPECT_TRUE(AwaitMetric("controller_runtime_reconcile_errors_total{controller=\"test\"} 2\n")) << metrics_.Text();
}

TEST_F(LoopTest, DoneIsLookedAtOnlyWhenItIsAddedAgain) {
  Start([](const api::ObjectKey&, int) -> Outcome { return Done{}; });
  queue_.Add(kA);
  ASSERT_TRUE(AwaitMetric("controller_runtime_reconcile_total{controller=\"test\",result=\"success\"} 1\n"));
  queue_.Add(kB);
  ASSERT_TRUE(AwaitCalls("b", 1));
  EXPECT_EQ(calls_.Get()["a"], 1);
  EXPECT_EQ(queue_.Depth(), 0u);
}

TEST_F(LoopTest, WaitForAndNotYetAreLookedAtAgainAfterTheirTime) {
  Start([](const api::ObjectKey& key, int call) -> Outcome {
    if (call == 2) return Done{};
    return key == kA ? Outcome(WaitFor{milliseconds(1)}) : Outcome(NotYet{milliseconds(1)});
  });
  queue_.Add(kA);
  queue_.Add(kB);
  EXPECT_TRUE(AwaitCalls("a", 2));
  EXPECT_TRUE(AwaitCalls("b", 2));
  EXPECT_TRUE(AwaitMetric("result=\"requeue_after\"} 2\n")) << metrics_.Text();
}

TEST_F(LoopTest, AFailureIsTriedAgainNoSoonerThanTheServerAsked) {
  Start([](const api::ObjectKey&, int call) -> Outcome {
    if (call > 1) return Done{};
    Error error = MakeError(Code::kResourceExhausted, "slow down");
    error.retry_after_seconds = 3600;
    return Retry{error};
  });
  queue_.Add(kA);
  ASSERT_TRUE(AwaitMetric("result=\"error\"} 1\n")) << metrics_.Text();
  queue_.Add(kB);
  ASSERT_TRUE(AwaitCalls("b", 1));
  EXPECT_EQ(calls_.Get()["a"], 1);
}

TEST_F(LoopTest, EndsOnceWhatRunsHasEnded) {
  Awaited<bool> may_end;
  Start([&](const api::ObjectKey&, int) -> Outcome {
    may_end.Await([](bool may) { return may; });
    return Done{};
  }, 2);
  queue_.Add(kA);
  ASSERT_TRUE(AwaitCalls("a", 1));
  may_end.Change([](bool& may) { may = true; });
  loop_.reset();
  EXPECT_EQ(calls_.Get()["a"], 1);
}

}  // namespace
}  // namespace firesteel::runtime
