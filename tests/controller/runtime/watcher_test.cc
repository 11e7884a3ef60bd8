// How a watcher goes on after each end of a watch.
#include "controller/runtime/watcher.h"

#include <gmock/gmock.h>

#include <deque>
#include <stdexcept>

#include "tests/support/awaited.h"
#include "tests/support/fake_client.h"

namespace firesteel::runtime {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::Awaited;

json Object(const std::string& name, const std::string& version) {
  return {{"metadata", {{"namespace", "ns"}, {"name", name}, {"resourceVersion", version}}}};
}

struct Seen {
  int lists = 0;
  std::vector<std::string> watched_from;
  std::vector<milliseconds> pauses;
  std::vector<std::string> told;
};

// Lists what the test says, and ends its watches as the test says: one script a watch; without one, a watch lasts.
class Api : public test::FakeClient {
 public:
  using Script = std::function<Status(const std::function<void(kube::WatchEvent)>&)>;

  Result<kube::ObjectPage> List(const kube::Resource&, const kube::ListOptions&) override {
    seen.Change([](Seen& s) { ++s.lists; });
    return kube::ObjectPage{{Object("a", "1")}, "10", ""};
  }
  Status Watch(const kube::Resource& resource, const kube::WatchOptions& options,
               const std::function<void(kube::WatchEvent)>& on_event, std::stop_token stop) override {
    Script script;
    seen.Change([&](Seen& s) {
      if (s.watched_from.size() < scripts.size()) script = scripts[s.watched_from.size()];
      s.watched_from.push_back(options.resource_version);
    });
    return script ? script(on_event) : FakeClient::Watch(resource, options, on_event, stop);
  }

  std::vector<Script> scripts;
  Awaited<Seen> seen;
};

class WatcherTest : public testing::Test {
 protected:
  // Returns once as many watches were begun as there are scripts, and the one that lasts.
  Seen Run(std::vector<Api::Script> scripts) {
    api_.scripts = std::move(scripts);
    const WatchPace pace{.pause = [this](std::stop_token, milliseconds time) {
      api_.seen.Change([&](Seen& s) { s.pauses.push_back(time); });
    }};
    const auto on_change = [this](const api::ObjectKey& key) {
      api_.seen.Change([&](Seen& s) { s.told.push_back(key.name); });
      if (key.name == "bad") throw std::runtime_error("cannot be handled");
    };
    const Watcher watcher(api_, {kube::kConfigMaps, "ns", ""}, store_, on_change, pace);
    EXPECT_TRUE(api_.seen.Await([&](const Seen& s) { return s.watched_from.size() > api_.scripts.size(); }));
    return api_.seen.Get();
  }

  Api api_;
  Store store_{[](const api::ObjectKey&, const json*) {}};
};

Status EndsAtOnce(const std::function<void(kube::WatchEvent)>&) { return {}; }
Status IsTooOld(const std::function<void(kube::WatchEvent)>&) { return MakeError(Code::kOutOfRange, "too old"); }

TEST_F(WatcherTest, ATooOldVersionIsListedAgain) {
  const Seen seen = Run({IsTooOld});
  EXPECT_EQ(seen.lists, 2);
  EXPECT_EQ(seen.pauses.size(), 1u);
}

TEST_F(WatcherTest, AnEndThatComesAtOnceIsFollowedByAPauseThatGrows) {
  for (const Api::Script& end : {Api::Script(EndsAtOnce), Api::Script(IsTooOld)}) {
    api_.seen.Change([](Seen& s) { s = {}; });
    const Seen seen = Run(std::vector<Api::Script>(10, end));
    ASSERT_EQ(seen.pauses.size(), 10u);
    EXPECT_LE(seen.pauses.front(), milliseconds(200));
    EXPECT_GE(seen.pauses.back(), seconds(5));
    EXPECT_LE(seen.pauses.back(), seconds(10));
  }
}

TEST_F(WatcherTest, AWatchThatWasOfUseIsFollowedAtOnceFromItsLastVersion) {
  const auto bookmark = [](const std::function<void(kube::WatchEvent)>& tell) -> Status {
    tell({kube::WatchEventType::kAdded, Object("b", "11")});
    tell({kube::WatchEventType::kBookmark, Object("", "17")});
    return {};
  };
  const Seen seen = Run({bookmark});
  EXPECT_EQ(seen.watched_from, (std::vector<std::string>{"10", "17"}));
  EXPECT_TRUE(seen.pauses.empty());
  EXPECT_EQ(seen.told, (std::vector<std::string>{"a", "b"}));
}

TEST_F(WatcherTest, WhatCannotBeHandledHoldsUpNothing) {
  const auto bad = [](const std::function<void(kube::WatchEvent)>& tell) -> Status {
    tell({kube::WatchEventType::kAdded, Object("bad", "11")});
    tell({kube::WatchEventType::kAdded, Object("good", "12")});
    return {};
  };
  const auto throws = [](const std::function<void(kube::WatchEvent)>&) -> Status { throw std::runtime_error("of the client"); };
  const Seen seen = Run({bad, throws});
  EXPECT_THAT(seen.told, testing::IsSupersetOf({"bad", "good"}));
  EXPECT_EQ(seen.lists, 2);
}

TEST(WatchPause, IsForWhatBringsNothing) {
  WatchPause pause;
  pause.WatchEnded(/*in_order=*/true, /*brought_event=*/false, seconds(60));
  EXPECT_EQ(pause.failures(), 0) << "the server's own end";
  pause.WatchEnded(false, false, seconds(75));
  pause.WatchEnded(false, false, milliseconds(1));
  EXPECT_EQ(pause.failures(), 2);
  pause.ListFailed();
  EXPECT_EQ(pause.failures(), 3);
  pause.WatchEnded(false, true, milliseconds(1));
  EXPECT_EQ(pause.failures(), 1) << "it was of use, and broke";
  pause.WatchEnded(true, true, milliseconds(1));
  EXPECT_EQ(pause.failures(), 0);
}

}  // namespace
}  // namespace firesteel::runtime
