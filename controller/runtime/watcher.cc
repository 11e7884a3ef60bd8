#include "controller/runtime/watcher.h"

#include <malloc.h>

#include "base/contain.h"
#include "base/log.h"
#include "controller/runtime/backoff.h"
#include "controller/runtime/sleep.h"

namespace firesteel::runtime {
namespace {

using std::chrono::milliseconds;

// Objects a page: what is in memory at once of a list, ten times over (text, trees), while 10,000 hosts are 100 requests.
constexpr int kPage = 100;

std::string ResourceVersionOf(const nlohmann::json& object) {
  if (!object.is_object() || !object.contains("metadata")) return "";
  const nlohmann::json& metadata = object.at("metadata");
  const auto it = metadata.find("resourceVersion");
  return it != metadata.end() && it->is_string() ? it->get<std::string>() : "";
}

}  // namespace

Watcher::Watcher(kube::Client& client, WatchScope scope, Store& store, OnChange on_change, WatchPace pace)
    : client_(client),
      scope_(std::move(scope)),
      store_(store),
      on_change_(std::move(on_change)),
      pace_(std::move(pace)),
      thread_([this](std::stop_token stop) { Run(stop); }) {}

Watcher::~Watcher() = default;  // jthread requests the stop and joins

void Watcher::Run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    Status end;
    const Status contained = Contain([&] { end = Round(stop); });
    if (!contained.ok()) {
      resource_version_.clear();  // what came is not known: list again
      pause_.ListFailed();
      end = contained;
    }
    if (!stop.stop_requested()) Pause(stop, end);
  }
}

void Watcher::Pause(std::stop_token stop, const Status& end) {
  if (pause_.failures() == 0) return;
  LogWarning("watch interrupted", {{"resource", scope_.resource.plural},
                                   {"error", end.ok() ? "the server ended it at once" : end.error().message},
                                   {"failures", pause_.failures()}});
  const milliseconds time = Backoff(pause_.failures(), milliseconds(200), milliseconds(10000), RandomJitter());
  pace_.pause ? pace_.pause(stop, time) : SleepUnlessStopped(stop, time);
}

Status Watcher::Round(std::stop_token stop) {
  if (!resource_version_.empty()) return WatchOnce(stop);
  Status listed = ListAll(stop);
  if (!listed.ok()) {
    pause_.ListFailed();
    return listed;
  }
  return stop.stop_requested() ? Status() : WatchOnce(stop);
}

Status Watcher::ListAll(std::stop_token stop) {
  kube::ListOptions options{.ns = scope_.ns,
                            .label_selector = scope_.label_selector,
                            .resource_version = "",
                            .limit = kPage,
                            .continue_token = ""};
  store_.BeginList();
  std::string version;
  do {
    if (stop.stop_requested()) return {};
    Result<kube::ObjectPage> page = client_.List(scope_.resource, options);
    if (!page.ok()) return page.error();
    options.continue_token = page->continue_token;
    version = page->resource_version;
    for (const api::ObjectKey& key : store_.PutChanged(page->items)) Tell(key);
  } while (!options.continue_token.empty());
  const std::vector<api::ObjectKey> removed = store_.RemoveUnlisted();
  resource_version_ = version;
  synced_ = true;
  malloc_trim(0);  // otherwise malloc keeps what the pages took
  for (const api::ObjectKey& key : removed) Tell(key);
  return {};
}

Status Watcher::WatchOnce(std::stop_token stop) {
  const kube::WatchOptions options{.ns = scope_.ns,
                                   .label_selector = scope_.label_selector,
                                   .resource_version = resource_version_,
                                   .timeout_seconds = pace_.timeout_seconds,
                                   .slack = pace_.slack};
  bool brought_event = false;
  const auto on_event = [&](kube::WatchEvent event) {
    brought_event = true;
    Apply(std::move(event));
  };
  const auto start = std::chrono::steady_clock::now();
  Status end = client_.Watch(scope_.resource, options, on_event, stop);
  const auto lasted = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
  pause_.WatchEnded(end.ok(), brought_event, lasted);
  if (!end.ok() && end.error().code == Code::kOutOfRange) resource_version_.clear();
  return end;
}

void Watcher::Apply(kube::WatchEvent event) {
  const std::string version = ResourceVersionOf(event.object);
  if (!version.empty()) resource_version_ = version;
  if (event.type == kube::WatchEventType::kBookmark) return;
  const api::ObjectKey key = KeyOf(event.object);
  if (event.type == kube::WatchEventType::kDeleted) {
    store_.Remove(key);
  } else {
    store_.Put(event.object);
  }
  Tell(key);
}

void Watcher::Tell(const api::ObjectKey& key) const {
  const Status told = Contain([&] { on_change_(key); });
  if (!told.ok()) LogError("change not handled", {{"object", key.ToString()}, {"error", told.error().message}});
}

}  // namespace firesteel::runtime
