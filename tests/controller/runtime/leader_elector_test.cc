// Who leads when the API hangs, refuses, or lets another replica take the Lease.
#include "controller/runtime/leader_elector.h"

#include <gmock/gmock.h>

#include <future>

#include "tests/support/awaited.h"
#include "tests/support/fake_client.h"

namespace firesteel::runtime {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::milliseconds;
using test::Awaited;

const api::ObjectKey kLease{"ns", "lease"};

// One Lease, with an API server's rules for resourceVersions.
class LeaseApi : public test::FakeClient {
 public:
  Result<json> Get(const kube::Resource&, const api::ObjectKey&) override {
    state.Change([](State& s) { ++s.gets; });
    state.Await([](const State& s) { return !s.hangs; });
    std::lock_guard lock(mutex_);
    if (down) return Unavailable("no connection");
    return lease_.is_null() ? Result<json>(NotFound("")) : lease_;
  }
  Result<json> Create(const kube::Resource&, const std::string&, const json& object) override {
    std::lock_guard lock(mutex_);
    if (!lease_.is_null()) return MakeError(Code::kAlreadyExists, "");
    Store(object);
    return lease_;
  }
  Result<std::string> MergePatch(const kube::Resource&, const api::ObjectKey&, kube::Subresource, const json& patch) override {
    std::lock_guard lock(mutex_);
    if (down) return Unavailable("no connection");
    const json condition = patch.value(json::json_pointer("/metadata/resourceVersion"), json());
    if (!condition.is_null() && condition != lease_.at("metadata").at("resourceVersion")) return MakeError(Code::kConflict, "");
    json merged = lease_;
    merged.merge_patch(patch);
    Store(std::move(merged));
    return std::to_string(version_);
  }
  std::string Holder() {
    std::lock_guard lock(mutex_);
    return lease_.at("spec").at("holderIdentity").get<std::string>();
  }
  // As another replica, that has waited long enough, would.
  void TakeAs(const std::string& identity) {
    std::lock_guard lock(mutex_);
    lease_["spec"]["holderIdentity"] = identity;
    Store(lease_);
  }

  struct State {
    bool hangs = false;  // Get does not return
    int gets = 0;
  };
  Awaited<State> state;
  std::atomic<bool> down{false};

 private:
  void Store(json object) {
    lease_ = std::move(object);
    lease_["metadata"]["resourceVersion"] = std::to_string(++version_);
  }
  std::mutex mutex_;
  json lease_;       // guarded by mutex_, as is the next
  int version_ = 0;
};

class LeaderElectorTest : public testing::Test {
 protected:
  LeaseOptions Options(const std::string& identity, milliseconds deadline) const {
    return {.lease = kLease, .identity = identity, .duration = hours(1), .renew_deadline = deadline, .retry_period = milliseconds(1)};
  }
  std::future<bool> HoldAsync(LeaderElector& elector) {
    return std::async(std::launch::async, [&] { return elector.Hold(stop_.get_token()); });
  }
  static bool Ends(const std::future<bool>& hold) { return hold.wait_for(std::chrono::seconds(60)) == std::future_status::ready; }

  LeaseApi api_;
  std::stop_source stop_;
};

TEST_F(LeaderElectorTest, GivesUpInTimeThoughACallHangs) {
  LeaderElector elector(api_, SystemClock(), Options("me", milliseconds(50)));
  ASSERT_TRUE(elector.Acquire(stop_.get_token()));
  api_.state.Change([](LeaseApi::State& s) { s.hangs = true; });
  std::future<bool> hold = HoldAsync(elector);
  ASSERT_TRUE(Ends(hold)) << "and the call has not returned yet";
  EXPECT_FALSE(hold.get());
  api_.state.Change([](LeaseApi::State& s) { s.hangs = false; });
}

TEST_F(LeaderElectorTest, GivesUpInTimeThoughTheApiOnlyRefuses) {
  LeaderElector elector(api_, SystemClock(), Options("me", milliseconds(50)));
  ASSERT_TRUE(elector.Acquire(stop_.get_token()));
  api_.down = true;
  std::future<bool> hold = HoldAsync(elector);
  ASSERT_TRUE(Ends(hold));
  EXPECT_FALSE(hold.get());
}

// A clock that moves only when a test says so.
class HandClock : public Clock {
 public:
  WallTime Now() const override { return {}; }
  MonotonicTime Monotonic() const override { return MonotonicTime(milliseconds(ms_)); }
  void Advance(milliseconds time) { ms_ += time.count(); }

 private:
  std::atomic<int64_t> ms_{1};
};

TEST_F(LeaderElectorTest, ARenewalCountsFromWhenItWasAskedFor) {
  HandClock clock;
  LeaderElector elector(api_, clock, Options("me", hours(2)));
  api_.state.Change([](LeaseApi::State& s) { s.hangs = true; });
  std::future<bool> acquired = std::async(std::launch::async, [&] { return elector.Acquire(stop_.get_token()); });
  ASSERT_TRUE(api_.state.Await([](const LeaseApi::State& s) { return s.gets == 1; }));
  clock.Advance(hours(3));  // while the question is under way
  api_.state.Change([](LeaseApi::State& s) { s.hangs = false; });
  ASSERT_TRUE(acquired.get());
  EXPECT_FALSE(elector.Hold(stop_.get_token())) << "the answer came three hours late: the Lease may be another's by now";
}

TEST_F(LeaderElectorTest, KeepsLeadingWhileItRenews) {
  LeaderElector elector(api_, SystemClock(), Options("me", hours(1)));
  ASSERT_TRUE(elector.Acquire(stop_.get_token()));
  std::future<bool> hold = HoldAsync(elector);
  ASSERT_TRUE(api_.state.Await([](const LeaseApi::State& s) { return s.gets > 5; }));
  stop_.request_stop();
  ASSERT_TRUE(Ends(hold));
  EXPECT_TRUE(hold.get());
  EXPECT_EQ(api_.Holder(), "me") << "what only a leader may do may still be ending";
  elector.Release();
  EXPECT_EQ(api_.Holder(), "");
  EXPECT_TRUE(elector.Answered().has_value());
}

TEST_F(LeaderElectorTest, SeesThatAnotherTookTheLease) {
  LeaderElector elector(api_, SystemClock(), Options("me", hours(1)));
  ASSERT_TRUE(elector.Acquire(stop_.get_token()));
  std::future<bool> hold = HoldAsync(elector);
  api_.TakeAs("other");
  ASSERT_TRUE(Ends(hold));
  EXPECT_FALSE(hold.get());
  elector.Release();
  EXPECT_EQ(api_.Holder(), "other");
}

TEST_F(LeaderElectorTest, ALateReleaseTakesNothingFromTheNextLeader) {
  LeaderElector elector(api_, SystemClock(), Options("me", hours(1)));
  ASSERT_TRUE(elector.Acquire(stop_.get_token()));
  api_.TakeAs("other");  // it was not seen here
  elector.Release();
  EXPECT_EQ(api_.Holder(), "other");
}

TEST_F(LeaderElectorTest, ACandidateWaitsUntilItIsStopped) {
  LeaderElector first(api_, SystemClock(), Options("first", hours(1)));
  ASSERT_TRUE(first.Acquire(stop_.get_token()));
  LeaderElector second(api_, SystemClock(), Options("second", hours(1)));
  std::future<bool> acquired = std::async(std::launch::async, [&] { return second.Acquire(stop_.get_token()); });
  ASSERT_TRUE(api_.state.Await([](const LeaseApi::State& s) { return s.gets > 5; }));
  stop_.request_stop();
  EXPECT_FALSE(acquired.get());
  EXPECT_EQ(api_.Holder(), "first");
}

}  // namespace
}  // namespace firesteel::runtime
