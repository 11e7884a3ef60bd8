#include "controller/kube/etcd.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "controller/api/json_reader.h"

namespace firesteel::kube {
namespace {

using api::JsonReader;
using nlohmann::json;

HttpRequest Post(const char* target, const json& body) {
  return {"POST", target, "application/json", ToText(body)};
}

Result<json> ReadBody(const HttpResponse& response) {
  json body = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return Unavailable("etcd answered HTTP " + std::to_string(response.status) + ", not JSON");
  if (response.status == 200) return body;
  std::optional<Error> ignored;
  const std::string message = JsonReader(body, "", ignored).String("message");
  const std::string text = message.empty() ? "HTTP " + std::to_string(response.status) : message;
  return MakeError(response.status == 404 ? Code::kNotFound : Code::kUnavailable, "etcd: " + text);
}

}  // namespace

HttpRequest EtcdListMembersRequest(EtcdRead read) {
  return Post("/v3/cluster/member/list", {{"linearizable", read == EtcdRead::kLinearizable}});
}

HttpRequest EtcdRemoveMemberRequest(const std::string& id) { return Post("/v3/cluster/member/remove", {{"ID", id}}); }

HttpRequest EtcdHealthRequest() { return {"GET", "/health?serializable=true", "", ""}; }

Result<std::vector<EtcdMember>> ReadEtcdMembers(const HttpResponse& response) {
  const Result<json> body = ReadBody(response);
  if (!body.ok()) return body.error();
  std::optional<Error> error;
  std::vector<EtcdMember> members;
  for (const JsonReader& item : JsonReader(*body, "", error).Children("members")) {
    members.push_back({.id = item.String("ID"),
                       .name = item.String("name"),
                       .peer_urls = item.Strings("peerURLs"),
                       .client_urls = item.Strings("clientURLs"),
                       .learner = item.Bool("isLearner")});
  }
  if (error) return MakeError(Code::kUnavailable, "etcd: " + error->message);
  if (members.empty()) return Unavailable("etcd names no members");
  return members;
}

Status ReadEtcdRemoval(const HttpResponse& response) {
  const Result<json> body = ReadBody(response);
  if (!body.ok()) return body.error();
  return {};
}

bool ReadEtcdHealth(const HttpResponse& response) {
  const json body = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  std::optional<Error> ignored;
  return response.status == 200 && body.is_object() && JsonReader(body, "", ignored).String("health") == "true";
}

}  // namespace firesteel::kube
