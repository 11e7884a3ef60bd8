#include "controller/kube/watch_decoder.h"

#include "controller/kube/json_text.h"
#include "controller/kube/response.h"

namespace firesteel::kube {
namespace {

using nlohmann::json;

// etcd takes objects up to 1.5 MiB; a line beyond this is no watch event.
constexpr size_t kMaxLine = 8u << 20;

Result<WatchEvent> Decode(const std::string& line) {
  json event = ParseJson(line);
  const Error broken = Unavailable("a line of the watch is not an event");
  if (!event.is_object() || !event.contains("type") || !event.contains("object")) return broken;
  if (!event.at("type").is_string()) return broken;
  const std::string type = event.at("type").get<std::string>();
  json& object = event.at("object");
  if (type == "ADDED") return WatchEvent{WatchEventType::kAdded, std::move(object)};
  if (type == "MODIFIED") return WatchEvent{WatchEventType::kModified, std::move(object)};
  if (type == "DELETED") return WatchEvent{WatchEventType::kDeleted, std::move(object)};
  if (type == "BOOKMARK") return WatchEvent{WatchEventType::kBookmark, std::move(object)};
  if (type != "ERROR" || !object.is_object()) return broken;
  const auto code = object.find("code");
  const bool has_code = code != object.end() && code->is_number_integer();
  return ErrorFromStatus(has_code ? code->get<int>() : 500, object);
}

}  // namespace

Result<std::vector<WatchEvent>> WatchDecoder::Feed(std::string_view bytes) {
  std::vector<WatchEvent> events;
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    line_.append(bytes.substr(0, end));
    if (line_.size() > kMaxLine) return Unavailable("a line of the watch is too long");
    if (end == std::string_view::npos) break;
    bytes.remove_prefix(end + 1);
    if (!line_.empty()) {
      Result<WatchEvent> event = Decode(line_);
      if (!event.ok()) return event.error();
      events.push_back(std::move(*event));
    }
    line_.clear();
  }
  return events;
}

}  // namespace firesteel::kube
