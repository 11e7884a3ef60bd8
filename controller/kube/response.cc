#include "controller/kube/response.h"

#include "controller/kube/json_text.h"

namespace firesteel::kube {
namespace {

using nlohmann::json;

Code CodeFor(int status, const std::string& reason) {
  switch (status) {
    case 400:
    case 422: return Code::kInvalidArgument;
    case 401: return Code::kUnauthenticated;
    case 403: return Code::kPermissionDenied;
    case 404: return Code::kNotFound;
    case 409: return reason == "AlreadyExists" ? Code::kAlreadyExists : Code::kConflict;
    case 410: return Code::kOutOfRange;
    case 429: return Code::kResourceExhausted;
    case 504: return Code::kDeadlineExceeded;
    default: return status >= 500 ? Code::kUnavailable : Code::kInternal;
  }
}

std::string Text(const json& object, const char* key) {
  if (!object.is_object()) return "";
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

Error Refusal(const HttpResponse& response, const json& status) {
  Error error = ErrorFromStatus(response.status, status);
  error.retry_after_seconds = response.retry_after_seconds;
  return error;
}

Error NotJson() { return MakeError(Code::kUnavailable, "the API server did not answer with an object"); }

}  // namespace

bool IsSuccess(const HttpResponse& response) { return response.status >= 200 && response.status <= 299; }

Error ErrorFromStatus(int code, const json& status) {
  std::string message = Text(status, "message");
  if (message.empty()) message = "the API server answered HTTP " + std::to_string(code);
  return MakeError(CodeFor(code, Text(status, "reason")), std::move(message));
}

Result<json> ReadObject(const HttpResponse& response) {
  json body = ParseJson(response.body);
  if (!IsSuccess(response)) return Refusal(response, body);
  if (!body.is_object()) return NotJson();
  return body;
}

Result<std::string> ReadVersion(const HttpResponse& response) {
  if (!IsSuccess(response)) return Refusal(response, ParseJson(response.body));
  std::string version = ResourceVersionIn(response.body);
  if (version.empty()) return NotJson();
  return version;
}

Result<ObjectPage> ReadPage(const HttpResponse& response) {
  Result<json> list = ReadObject(response);
  if (!list.ok()) return list.error();
  ObjectPage page;
  const auto metadata = list->find("metadata");
  if (metadata != list->end()) {
    page.resource_version = Text(*metadata, "resourceVersion");
    page.continue_token = Text(*metadata, "continue");
  }
  const auto items = list->find("items");
  if (items != list->end() && items->is_array()) {
    for (json& item : *items) page.items.push_back(std::move(item));
  }
  return page;
}

}  // namespace firesteel::kube
