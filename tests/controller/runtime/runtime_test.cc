#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <semaphore>
#include <thread>

#include "controller/runtime/backoff.h"
#include "controller/runtime/lease_decision.h"
#include "controller/runtime/object_patch.h"
#include "controller/runtime/store.h"
#include "controller/runtime/work_queue.h"

namespace firesteel::runtime {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

const api::ObjectKey kA{"ns", "a"};
const api::ObjectKey kB{"ns", "b"};

TEST(WorkQueue, AKeyWaitsAtMostOnce) {
  WorkQueue queue;
  queue.Add(kA);
  queue.Add(kA);
  EXPECT_EQ(queue.Depth(), 1u);
}

TEST(WorkQueue, TheEarliestTimeWins) {
  WorkQueue queue;
  queue.Add(kA, std::chrono::hours(1));
  queue.Add(kA);
  queue.Add(kA, std::chrono::hours(2));
  EXPECT_EQ(queue.Take(), kA);
}

TEST(WorkQueue, AKeyThatIsAddedWhileItRunsIsDueAgainRightAfter) {
  WorkQueue queue;
  queue.Add(kA);
  ASSERT_EQ(queue.Take(), kA);
  queue.Add(kA);
  queue.Add(kB);
  EXPECT_EQ(queue.Take(), kB) << "a key is run by one worker at a time";
  queue.Finish(kA);
  EXPECT_EQ(queue.Take(), kA);
}

TEST(WorkQueue, AKeyThatRunsIsNotTakenTwiceAndHoldsUpNoOther) {
  WorkQueue queue;
  queue.Add({"d", "a"});
  ASSERT_EQ(queue.Take()->name, "a");
  queue.Add({"d", "a"});
  queue.Add({"d", "b"});
  EXPECT_EQ(queue.Take()->name, "b");
  queue.Finish({"d", "a"});
  EXPECT_EQ(queue.Take()->name, "a");
  EXPECT_EQ(queue.Depth(), 0u);
}

TEST(WorkQueue, NoWorkerWaitsWhileAKeyIsDue) {
  WorkQueue queue;
  std::counting_semaphore<2> taken(0);
  const auto take = [&] {
    if (queue.Take()) taken.release();  // and never finishes it
  };
  const std::jthread first(take), second(take);
  queue.Add(kA, milliseconds(1));
  queue.Add(kB, milliseconds(2));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(taken.try_acquire_for(std::chrono::seconds(60)));
  queue.Shutdown();
}

// A worker cannot tell from within that it waits. So Shutdown comes at many moments around the one at which all have begun to.
TEST(WorkQueue, ShutdownWakesWhoWaits) {
  for (int round = 0; round < 200; ++round) {
    WorkQueue queue;
    queue.Add(kA, std::chrono::hours(1));  // one waits for it, the others for anything
    std::latch begun(5);
    std::vector<std::future<std::optional<api::ObjectKey>>> ends;
    for (int worker = 0; worker < 4; ++worker) {
      ends.push_back(std::async(std::launch::async, [&] {
        begun.arrive_and_wait();
        return queue.Take();
      }));
    }
    begun.arrive_and_wait();
    for (int i = 0; i < round; ++i) std::this_thread::yield();
    queue.Shutdown();
    for (auto& end : ends) {
      ASSERT_EQ(end.wait_for(std::chrono::seconds(60)), std::future_status::ready) << "round " << round;
      EXPECT_EQ(end.get(), std::nullopt);
    }
  }
}

TEST(Backoff, DoublesUpToItsCap) {
  EXPECT_EQ(Backoff(0, milliseconds(100), milliseconds(1000), 1.0), milliseconds(0));
  EXPECT_EQ(Backoff(1, milliseconds(100), milliseconds(1000), 1.0), milliseconds(100));
  EXPECT_EQ(Backoff(3, milliseconds(100), milliseconds(1000), 1.0), milliseconds(400));
  EXPECT_EQ(Backoff(99, milliseconds(100), milliseconds(1000), 0.5), milliseconds(500));
}

TEST(MergePatch, HoldsOnlyTheDifference) {
  EXPECT_EQ(MergePatch({{"a", 1}}, {{"a", 1}}), std::nullopt);
  const json before = {{"a", {{"x", 1}, {"y", 2}}}, {"b", json::array({1})}, {"c", 1}};
  const json after = {{"a", {{"x", 1}, {"y", 3}}}, {"b", json::array({1, 2})}, {"d", 1}};
  const json patch = *MergePatch(before, after);
  EXPECT_EQ(patch, (json{{"a", {{"y", 3}}}, {"b", json::array({1, 2})}, {"c", nullptr}, {"d", 1}}));
  json applied = before;
  applied.merge_patch(patch);
  EXPECT_EQ(applied, after);
}

TEST(Lease, IsTakenOnlyWhenItWasNotRenewedOnOurClock) {
  const MonotonicTime start{std::chrono::hours(1)};
  const LeaseObservation theirs{{"other", "t", 1}, start};
  EXPECT_EQ(DecideLease(theirs, "me", std::chrono::seconds(15), start + std::chrono::seconds(14)), LeaseMove::kWait);
  EXPECT_EQ(DecideLease(theirs, "me", std::chrono::seconds(15), start + std::chrono::seconds(15)), LeaseMove::kTake);
  EXPECT_EQ(DecideLease({{"me", "t", 1}, start}, "me", std::chrono::seconds(15), start), LeaseMove::kRenew);
  EXPECT_EQ(DecideLease({{"", "", 0}, start}, "me", std::chrono::seconds(15), start), LeaseMove::kTake);
}

json Object(const char* name, const char* version) {
  return {{"metadata", {{"namespace", "ns"}, {"name", name}, {"resourceVersion", version}}}};
}

TEST(Store, ANewListTellsWhatWasAddedChangedOrRemoved) {
  Store store([](const api::ObjectKey&, const json*) {});
  store.Put(Object("same", "1"));
  store.Put(Object("changed", "1"));
  store.Put(Object("gone", "1"));
  using Keys = std::vector<api::ObjectKey>;
  store.BeginList();
  EXPECT_EQ(store.PutChanged({Object("same", "1"), Object("changed", "2"), Object("new", "1")}), (Keys{{"ns", "changed"}, {"ns", "new"}}));
  EXPECT_EQ(store.RemoveUnlisted(), (Keys{{"ns", "gone"}}));
  EXPECT_EQ(store.Version({"ns", "gone"}), "");
  EXPECT_EQ(store.Version({"ns", "changed"}), "2");
}

TEST(Store, AnObjectThatItsObserverCannotReadHoldsUpNoOther) {
  std::vector<std::string> told;
  Store store([&](const api::ObjectKey& key, const json* object) {
    if (key.name == "bad") throw std::runtime_error("cannot be read");
    told.push_back(key.name + (object == nullptr ? "" : " is there"));
  });
  store.BeginList();
  EXPECT_EQ(store.PutChanged({Object("bad", "1"), Object("good", "1")}).size(), 2u);
  EXPECT_TRUE(store.RemoveUnlisted().empty());
  EXPECT_EQ(told, std::vector<std::string>{"good is there"});
}

TEST(Store, TellsTheObserverOfEveryChange) {
  std::vector<std::string> told;
  Store store([&](const api::ObjectKey& key, const json* object) { told.push_back(key.name + (object == nullptr ? "" : " is there")); });
  store.Put(Object("a", "1"));
  EXPECT_EQ(store.Version({"ns", "a"}), "1");
  store.Remove({"ns", "a"});
  EXPECT_EQ(store.Version({"ns", "a"}), "");
  EXPECT_EQ(told, (std::vector<std::string>{"a is there", "a"}));
}

}  // namespace
}  // namespace firesteel::runtime
