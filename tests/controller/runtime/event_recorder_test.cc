// What an Event holds, whatever bytes a machine sent.
#include "controller/runtime/event_recorder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/kube/request.h"
#include "tests/support/fake_client.h"

namespace firesteel::runtime {
namespace {

using nlohmann::json;

class Events : public test::FakeClient {
 public:
  Result<json> Create(const kube::Resource&, const std::string& ns, const json& object) override {
    if (error) return *error;
    sent = json::parse(kube::CreateRequest(kube::kEvents, ns, object).body);
    return object;
  }
  std::optional<Error> error;
  json sent;
};

const EventSubject kSubject{"BareMetalHost", "uid", {"ns", "a"}};

TEST(EventRecorder, CutsAMessageAtTheApisLimitAndNeverWithinACharacter) {
  Events api;
  EventRecorder recorder(api, SystemClock());
  std::string text(1023, 'x');
  ASSERT_TRUE(recorder.Record(kSubject, {.warning = false, .reason = "R", .message = text + "\xc3\xbc", .key = "k"}).ok());
  EXPECT_EQ(api.sent.at("message"), text);
  ASSERT_TRUE(recorder.Record(kSubject, {.warning = true, .reason = "R", .message = "Schl\xc3", .key = "k"}).ok());
  EXPECT_EQ(api.sent.at("message"), "Schl\xef\xbf\xbd");
}

TEST(EventRecorder, WhatTheServerRefusesForGoodStopsNoWork) {
  Events api;
  EventRecorder recorder(api, SystemClock());
  api.error = MakeError(Code::kPermissionDenied, "the namespace is being deleted");
  EXPECT_TRUE(recorder.Record(kSubject, {.warning = false, .reason = "R", .message = "m", .key = "k"}).ok());
  api.error = Unavailable("no connection");
  EXPECT_FALSE(recorder.Record(kSubject, {.warning = false, .reason = "R", .message = "m", .key = "k"}).ok());
}

}  // namespace
}  // namespace firesteel::runtime
