#include "controller/runtime/watcher.h"

#include <malloc.h>

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

Watcher::Watcher(kube::Client& client, WatchScope scope, Store& store, OnChange on_change)
    : client_(client),
      scope_(std::move(scope)),
      store_(store),
      on_change_(std::move(on_change)),
      thread_([this](std::stop_token stop) { Run(stop); }) {}

Watcher::~Watcher() = default;  // jthread requests the stop and joins

void Watcher::Run(std::stop_token stop) {
  int failures = 0;
  while (!stop.stop_requested()) {
    const Status status = resource_version_.empty() ? ListAll(stop) : WatchOnce(stop);
    if (status.ok()) {
      failures = 0;
      continue;
    }
    if (stop.stop_requested()) return;
    if (status.error().code == Code::kOutOfRange) {
      resource_version_.clear();
      continue;
    }
    ++failures;
    LogWarning("watch interrupted", {{"resource", scope_.resource.plural},
                                     {"error", status.error().message},
                                     {"failures", failures}});
    SleepUnlessStopped(stop, Backoff(failures, milliseconds(200), milliseconds(10000), RandomJitter()));
  }
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
    for (const api::ObjectKey& key : store_.PutChanged(page->items)) on_change_(key);
  } while (!options.continue_token.empty());
  const std::vector<api::ObjectKey> removed = store_.RemoveUnlisted();
  resource_version_ = version;
  synced_ = true;
  malloc_trim(0);  // or what the pages took stays with malloc
  for (const api::ObjectKey& key : removed) on_change_(key);
  return {};
}

Status Watcher::WatchOnce(std::stop_token stop) {
  const kube::WatchOptions options{.ns = scope_.ns,
                                   .label_selector = scope_.label_selector,
                                   .resource_version = resource_version_,
                                   .timeout_seconds = 300};
  return client_.Watch(scope_.resource, options,
                       [this](kube::WatchEvent event) { Apply(std::move(event)); }, stop);
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
  on_change_(key);
}

}  // namespace firesteel::runtime
