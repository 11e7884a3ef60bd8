// Requests, answers and watches as values.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/kube/request.h"
#include "controller/kube/response.h"
#include "controller/kube/watch_decoder.h"

namespace firesteel::kube {
namespace {

using nlohmann::json;

TEST(Request, IsWhatTheApiServerExpects) {
  EXPECT_EQ(GetRequest(kSecrets, {"ns", "a"}).target, "/api/v1/namespaces/ns/secrets/a");
  EXPECT_EQ(GetRequest(kNodes, {"", "n"}).target, "/api/v1/nodes/n");
  EXPECT_EQ(ListRequest(kClusters, {.ns = "", .label_selector = "a=b", .resource_version = "5", .limit = 2, .continue_token = ""}).target,
            "/apis/firesteel.dev/v1alpha1/clusters?limit=2&labelSelector=a%3Db&resourceVersion=5");
  const HttpRequest patch = MergePatchRequest(kBareMetalHosts, {"ns", "a"}, Subresource::kStatus, {{"status", {}}});
  EXPECT_EQ(patch.method, "PATCH");
  EXPECT_EQ(patch.target, "/apis/firesteel.dev/v1alpha1/namespaces/ns/baremetalhosts/a/status");
  EXPECT_EQ(patch.content_type, "application/merge-patch+json");
}

TEST(Request, BytesThatAreNoTextAreReplaced) {
  const json text = {{"message", "Schl\xc3"}};
  EXPECT_EQ(MergePatchRequest(kBareMetalHosts, {"ns", "a"}, Subresource::kStatus, text).body, "{\"message\":\"Schl\xef\xbf\xbd\"}");
  EXPECT_EQ(CreateRequest(kEvents, "ns", text).body, "{\"message\":\"Schl\xef\xbf\xbd\"}");
}

TEST(Response, TellsErrorsApart) {
  const struct { int status; const char* body; Code code; } cases[] = {
      {404, "{}", Code::kNotFound},       {409, "{\"reason\":\"AlreadyExists\"}", Code::kAlreadyExists},
      {409, "{\"reason\":\"Conflict\"}", Code::kConflict}, {410, "{}", Code::kOutOfRange},
      {422, "{}", Code::kInvalidArgument}, {429, "{}", Code::kResourceExhausted}, {500, "junk", Code::kUnavailable},
      {200, "junk", Code::kUnavailable}};
  for (const auto& test : cases) EXPECT_EQ(ReadObject({test.status, test.body, 0}).error().code, test.code) << test.status;
  EXPECT_EQ(ReadObject({429, "{}", 7}).error().retry_after_seconds, 7);
}

TEST(Response, IsReadAsNlohmannReadsIt) {
  for (const char* text : {"{}", R"({"z":1,"a":[1,-2,0,1.5,1e3,true,null,"\u00e4\n\ud83d\ude00",[],{}]})",
                           R"({"a":18446744073709551615,"b":-9223372036854775808,"a":"the last one counts"})"}) {
    EXPECT_EQ(*ReadObject({200, text, 0}), json::parse(text)) << text;
  }
  for (const char* text : {"", "{", "[]", "{\"a\":\"\xff\"}", "{} {}"}) EXPECT_FALSE(ReadObject({200, text, 0}).ok()) << text;
}

TEST(Response, LeavesOutWhatNobodyReads) {
  const json whole = json::parse(R"({"metadata":{"managedFields":[{"manager":"kubectl"}],"name":"a",
      "annotations":{"a":"b","kubectl.kubernetes.io/last-applied-configuration":"{}"}},"spec":{"managedFields":1}})");
  const json kept = json::parse(R"({"metadata":{"name":"a","annotations":{"a":"b"}},"spec":{"managedFields":1}})");
  EXPECT_EQ(*ReadObject({200, whole.dump(), 0}), kept);
  EXPECT_EQ(ReadPage({200, json{{"items", {whole}}}.dump(), 0})->items.at(0), kept);
  EXPECT_EQ(WatchDecoder().Feed(json{{"type", "ADDED"}, {"object", whole}}.dump() + "\n")->at(0).object, kept);
}

TEST(Response, OfAWriteIsItsVersion) {
  EXPECT_EQ(*ReadVersion({200, R"({"metadata":{"resourceVersion":"7"}})", 0}), "7");
  EXPECT_EQ(ReadVersion({409, R"({"reason":"Conflict","message":"m"})", 0}).error().message, "m");
  EXPECT_FALSE(ReadVersion({200, "{}", 0}).ok());
}

TEST(WatchDecoder, ReadsEventsCutAnywhere) {
  const std::string stream =
      "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}\n{\"type\":\"BOOKMARK\",\"object\":{}}\n";
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    WatchDecoder decoder;
    auto events = *decoder.Feed(stream.substr(0, cut));
    auto rest = *decoder.Feed(stream.substr(cut));
    for (auto& event : rest) events.push_back(std::move(event));
    ASSERT_EQ(events.size(), 2u) << cut;
    EXPECT_EQ(events[1].type, WatchEventType::kBookmark);
  }
}

TEST(WatchDecoder, AnErrorEventIsAnError) {
  WatchDecoder decoder;
  EXPECT_EQ(decoder.Feed("{\"type\":\"ERROR\",\"object\":{\"code\":410}}\n").error().code, Code::kOutOfRange);
  EXPECT_FALSE(WatchDecoder().Feed("junk\n").ok());
  EXPECT_FALSE(WatchDecoder().Feed(std::string((8u << 20) + 1, 'x')).ok());
}

}  // namespace
}  // namespace firesteel::kube
