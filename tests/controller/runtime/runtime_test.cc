#include <gtest/gtest.h>

#include <semaphore>
#include <thread>

#include "controller/kube/request.h"
#include "controller/kube/response.h"
#include "controller/kube/watch_decoder.h"
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

TEST(WorkQueue, ShutdownWakesWhoWaits) {
  WorkQueue queue;
  std::jthread waiter([&] { EXPECT_EQ(queue.Take(), std::nullopt); });
  queue.Shutdown();
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

TEST(Store, TellsTheObserverOfEveryChange) {
  std::vector<std::string> told;
  Store store([&](const api::ObjectKey& key, const json* object) { told.push_back(key.name + (object == nullptr ? "" : " is there")); });
  store.Put(Object("a", "1"));
  EXPECT_EQ(store.Version({"ns", "a"}), "1");
  store.Remove({"ns", "a"});
  EXPECT_EQ(store.Version({"ns", "a"}), "");
  EXPECT_EQ(told, (std::vector<std::string>{"a is there", "a"}));
}

TEST(Request, IsWhatTheApiServerExpects) {
  EXPECT_EQ(kube::GetRequest(kube::kSecrets, kA).target, "/api/v1/namespaces/ns/secrets/a");
  EXPECT_EQ(kube::GetRequest(kube::kNodes, {"", "n"}).target, "/api/v1/nodes/n");
  EXPECT_EQ(kube::ListRequest(kube::kClusters, {.ns = "", .label_selector = "a=b", .resource_version = "5", .limit = 2, .continue_token = ""}).target,
            "/apis/firesteel.dev/v1alpha1/clusters?limit=2&labelSelector=a%3Db&resourceVersion=5");
  const kube::HttpRequest patch = kube::MergePatchRequest(kube::kBareMetalHosts, kA, kube::Subresource::kStatus, {{"status", {}}});
  EXPECT_EQ(patch.method, "PATCH");
  EXPECT_EQ(patch.target, "/apis/firesteel.dev/v1alpha1/namespaces/ns/baremetalhosts/a/status");
  EXPECT_EQ(patch.content_type, "application/merge-patch+json");
}

TEST(Response, TellsErrorsApart) {
  const struct { int status; const char* body; Code code; } cases[] = {
      {404, "{}", Code::kNotFound},       {409, "{\"reason\":\"AlreadyExists\"}", Code::kAlreadyExists},
      {409, "{\"reason\":\"Conflict\"}", Code::kConflict}, {410, "{}", Code::kOutOfRange},
      {422, "{}", Code::kInvalidArgument}, {429, "{}", Code::kResourceExhausted}, {500, "junk", Code::kUnavailable},
      {200, "junk", Code::kUnavailable}};
  for (const auto& test : cases) EXPECT_EQ(kube::ReadObject({test.status, test.body, 0}).error().code, test.code) << test.status;
  EXPECT_EQ(kube::ReadObject({429, "{}", 7}).error().retry_after_seconds, 7);
}

TEST(Response, IsReadAsNlohmannReadsIt) {
  for (const char* text : {"{}", R"({"z":1,"a":[1,-2,0,1.5,1e3,true,null,"\u00e4\n\ud83d\ude00",[],{}]})",
                           R"({"a":18446744073709551615,"b":-9223372036854775808,"a":"the last one counts"})"}) {
    EXPECT_EQ(*kube::ReadObject({200, text, 0}), json::parse(text)) << text;
  }
  for (const char* text : {"", "{", "[]", "{\"a\":\"\xff\"}", "{} {}"}) EXPECT_FALSE(kube::ReadObject({200, text, 0}).ok()) << text;
}

TEST(Response, LeavesOutWhatNobodyReads) {
  const json whole = json::parse(R"({"metadata":{"managedFields":[{"manager":"kubectl"}],"name":"a",
      "annotations":{"a":"b","kubectl.kubernetes.io/last-applied-configuration":"{}"}},"spec":{"managedFields":1}})");
  const json kept = json::parse(R"({"metadata":{"name":"a","annotations":{"a":"b"}},"spec":{"managedFields":1}})");
  EXPECT_EQ(*kube::ReadObject({200, whole.dump(), 0}), kept);
  EXPECT_EQ(kube::ReadPage({200, json{{"items", {whole}}}.dump(), 0})->items.at(0), kept);
  EXPECT_EQ(kube::WatchDecoder().Feed(json{{"type", "ADDED"}, {"object", whole}}.dump() + "\n")->at(0).object, kept);
}

TEST(Response, OfAWriteIsItsVersion) {
  EXPECT_EQ(*kube::ReadVersion({200, R"({"metadata":{"resourceVersion":"7"}})", 0}), "7");
  EXPECT_EQ(kube::ReadVersion({409, R"({"reason":"Conflict","message":"m"})", 0}).error().message, "m");
  EXPECT_FALSE(kube::ReadVersion({200, "{}", 0}).ok());
}

TEST(WatchDecoder, ReadsEventsCutAnywhere) {
  const std::string stream =
      "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n{\"type\":\"BOOKMARK\",\"object\":{}}\n";
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    kube::WatchDecoder decoder;
    auto events = *decoder.Feed(stream.substr(0, cut));
    auto rest = *decoder.Feed(stream.substr(cut));
    for (auto& event : rest) events.push_back(std::move(event));
    ASSERT_EQ(events.size(), 2u) << cut;
    EXPECT_EQ(events[1].type, kube::WatchEventType::kBookmark);
  }
}

TEST(WatchDecoder, AnErrorEventIsAnError) {
  kube::WatchDecoder decoder;
  EXPECT_EQ(decoder.Feed("{\"type\":\"ERROR\",\"object\":{\"code\":410}}\n").error().code, Code::kOutOfRange);
  EXPECT_FALSE(kube::WatchDecoder().Feed("junk\n").ok());
  EXPECT_FALSE(kube::WatchDecoder().Feed(std::string((8u << 20) + 1, 'x')).ok());
}

}  // namespace
}  // namespace firesteel::runtime
