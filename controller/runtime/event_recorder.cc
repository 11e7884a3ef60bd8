#include "controller/runtime/event_recorder.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/utf8.h"
#include "controller/api/object.h"

namespace firesteel::runtime {
namespace {

constexpr size_t kMaxMessage = 1024;

nlohmann::json EventJson(const EventSubject& subject, const EventText& text, const std::string& now) {
  const std::string hash = Sha256Hex(subject.uid + "/" + text.reason + "/" + text.key).substr(0, 16);
  return {{"apiVersion", "v1"},
          {"kind", "Event"},
          {"metadata", {{"name", subject.key.name + "." + hash}, {"namespace", subject.key.ns}}},
          {"involvedObject",
           {{"apiVersion", api::kApiVersion},
            {"kind", subject.kind},
            {"name", subject.key.name},
            {"namespace", subject.key.ns},
            {"uid", subject.uid}}},
          {"reason", text.reason},
          {"message", CutUtf8(text.message, kMaxMessage)},
          {"type", text.warning ? "Warning" : "Normal"},
          {"source", {{"component", "firesteel"}}},
          {"reportingComponent", "firesteel"},
          {"firstTimestamp", now},
          {"lastTimestamp", now},
          {"count", 1}};
}

}  // namespace

Status EventRecorder::Record(const EventSubject& subject, const EventText& text) {
  const nlohmann::json event = EventJson(subject, text, FormatTime(clock_.Now()));
  const Result<nlohmann::json> created = client_.Create(kube::kEvents, subject.key.ns, event);
  if (created.ok() || created.error().code == Code::kAlreadyExists) return {};
  if (IsRetryable(created.error().code)) return created.error();
  LogWarning("event not recorded", {{"object", subject.key.ToString()},
                                    {"reason", text.reason},
                                    {"error", created.error().message}});
  return {};
}

}  // namespace firesteel::runtime
