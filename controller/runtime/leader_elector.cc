#include "controller/runtime/leader_elector.h"

#include <optional>

#include "base/log.h"
#include "controller/api/json_reader.h"
#include "controller/runtime/sleep.h"

namespace firesteel::runtime {
namespace {

using nlohmann::json;

LeaseRecord RecordFrom(const json& lease) {
  std::optional<Error> ignored;
  const api::JsonReader spec = api::JsonReader(lease, "", ignored).Child("spec");
  return {spec.String("holderIdentity"), spec.String("renewTime"),
          static_cast<int>(spec.Int("leaseTransitions"))};
}

std::string VersionOf(const json& lease) {
  std::optional<Error> ignored;
  return api::JsonReader(lease, "", ignored).Child("metadata").String("resourceVersion");
}

}  // namespace

LeaderElector::LeaderElector(kube::Client& client, const Clock& clock, LeaseOptions options)
    : client_(client), clock_(clock), options_(std::move(options)) {}

bool LeaderElector::Acquire(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (TryOnce()) return true;
    SleepUnlessStopped(stop, options_.retry_period);
  }
  return false;
}

void LeaderElector::Hold(std::stop_token stop) {
  MonotonicTime renewed = clock_.Monotonic();
  while (!stop.stop_requested()) {
    SleepUnlessStopped(stop, options_.retry_period);
    if (stop.stop_requested()) break;
    if (TryOnce()) renewed = clock_.Monotonic();
    const bool taken = seen_.record.holder != options_.identity;
    if (taken || clock_.Monotonic() - renewed > options_.renew_deadline) {
      LogError("leadership lost", {{"lease", options_.lease.ToString()}, {"holder", seen_.record.holder}});
      return;
    }
  }
  Release();
}

bool LeaderElector::TryOnce() {
  const Result<json> lease = client_.Get(kube::kLeases, options_.lease);
  if (!lease.ok() && lease.error().code != Code::kNotFound) {
    LogWarning("lease not readable", {{"error", lease.error().message}});
    return false;
  }
  const LeaseRecord record = lease.ok() ? RecordFrom(*lease) : LeaseRecord{};
  resource_version_ = lease.ok() ? VersionOf(*lease) : "";
  if (record != seen_.record) seen_ = {record, clock_.Monotonic()};
  const LeaseMove move = DecideLease(seen_, options_.identity, options_.duration, clock_.Monotonic());
  if (move == LeaseMove::kWait) return false;
  const Status written = Write(move);
  if (!written.ok()) LogDebug("lease not written", {{"error", written.error().message}});
  return written.ok();
}

Status LeaderElector::Write(LeaseMove move) {
  const std::string now = FormatMicroTime(clock_.Now());
  json spec = {{"holderIdentity", options_.identity},
               {"leaseDurationSeconds", options_.duration.count()},
               {"renewTime", now},
               {"leaseTransitions", seen_.record.transitions}};
  if (move == LeaseMove::kTake) {
    spec["acquireTime"] = now;
    spec["leaseTransitions"] = seen_.record.transitions + 1;
  }
  json object = {{"metadata", {{"name", options_.lease.name}, {"namespace", options_.lease.ns}}},
                 {"spec", spec}};
  if (!resource_version_.empty()) object["metadata"]["resourceVersion"] = resource_version_;
  object["apiVersion"] = "coordination.k8s.io/v1";
  object["kind"] = "Lease";
  if (resource_version_.empty()) {
    const Result<json> created = client_.Create(kube::kLeases, options_.lease.ns, object);
    if (!created.ok()) return created.error();
  } else {
    const Result<std::string> patched = client_.MergePatch(kube::kLeases, options_.lease, kube::Subresource::kNone, object);
    if (!patched.ok()) return patched.error();
  }
  seen_ = {RecordFrom(object), clock_.Monotonic()};
  return {};
}

void LeaderElector::Release() {
  if (seen_.record.holder != options_.identity) return;
  const json patch = {{"spec", {{"holderIdentity", ""}}}};
  const Result<std::string> released =
      client_.MergePatch(kube::kLeases, options_.lease, kube::Subresource::kNone, patch);
  if (!released.ok()) LogWarning("lease not released", {{"error", released.error().message}});
}

}  // namespace firesteel::runtime
