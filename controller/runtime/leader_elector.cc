#include "controller/runtime/leader_elector.h"


#include "base/contain.h"
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

LeaderElector::~LeaderElector() = default;  // jthread requests the stop and joins

bool LeaderElector::Acquire(std::stop_token stop) {
  while (!stop.stop_requested()) {
    if (TryOnce()) return true;
    SleepUnlessStopped(stop, options_.retry_period);
  }
  return false;
}

// The calls are another thread's: one that hangs must not keep this one from giving up.
bool LeaderElector::Hold(std::stop_token stop) {
  renewer_ = std::jthread([this](std::stop_token done) { Renew(done); });
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const MonotonicTime deadline = renewed_ + options_.renew_deadline;
    if (holder_ != options_.identity || clock_.Monotonic() >= deadline) {
      LogError("leadership lost", {{"lease", options_.lease.ToString()}, {"holder", holder_}});
      return false;
    }
    changed_.wait_for(lock, stop, deadline - clock_.Monotonic(),
                      [&] { return holder_ != options_.identity || renewed_ + options_.renew_deadline != deadline; });
  }
  return true;
}

void LeaderElector::Renew(std::stop_token stop) {
  SleepUnlessStopped(stop, options_.retry_period);
  while (!stop.stop_requested()) {
    const Status tried = Contain([this] { TryOnce(); });
    if (!tried.ok()) LogError("lease not renewed", {{"error", tried.error().message}});
    SleepUnlessStopped(stop, options_.retry_period);
  }
}

bool LeaderElector::TryOnce() {
  const MonotonicTime asked = clock_.Monotonic();
  const Result<json> lease = client_.Get(kube::kLeases, options_.lease);
  if (!lease.ok() && lease.error().code != Code::kNotFound) {
    LogWarning("lease not readable", {{"error", lease.error().message}});
    return false;
  }
  NoteAnswer();
  const LeaseRecord record = lease.ok() ? RecordFrom(*lease) : LeaseRecord{};
  if (record != seen_.record) seen_ = {record, clock_.Monotonic()};
  const LeaseMove move = DecideLease(seen_, options_.identity, options_.duration, clock_.Monotonic());
  const Status written = move == LeaseMove::kWait ? Status(Unavailable("another replica holds it")) : Write(move, lease.ok() ? VersionOf(*lease) : "");
  if (!written.ok()) LogDebug("lease not written", {{"error", written.error().message}});
  std::lock_guard lock(mutex_);
  holder_ = seen_.record.holder;
  if (written.ok()) renewed_ = asked;
  changed_.notify_all();
  return written.ok();
}

// `version`: of the Lease that the move was decided from, "" = there is none.
Status LeaderElector::Write(LeaseMove move, const std::string& version) {
  const std::string now = FormatMicroTime(clock_.Now());
  json spec = {{"holderIdentity", options_.identity},
               {"leaseDurationSeconds", std::chrono::ceil<std::chrono::seconds>(options_.duration).count()},
               {"renewTime", now},
               {"leaseTransitions", seen_.record.transitions}};
  if (move == LeaseMove::kTake) {
    spec["acquireTime"] = now;
    spec["leaseTransitions"] = seen_.record.transitions + 1;
  }
  json object = {{"apiVersion", "coordination.k8s.io/v1"},
                 {"kind", "Lease"},
                 {"metadata", {{"name", options_.lease.name}, {"namespace", options_.lease.ns}}},
                 {"spec", spec}};
  if (version.empty()) {
    const Result<json> created = client_.Create(kube::kLeases, options_.lease.ns, object);
    if (!created.ok()) return created.error();
    version_ = VersionOf(*created);
  } else {
    object["metadata"]["resourceVersion"] = version;
    const Result<std::string> patched = client_.MergePatch(kube::kLeases, options_.lease, kube::Subresource::kNone, object);
    if (!patched.ok()) return patched.error();
    version_ = *patched;
  }
  seen_ = {RecordFrom(object), clock_.Monotonic()};
  return {};
}

void LeaderElector::NoteAnswer() {
  std::lock_guard lock(mutex_);
  answered_ = clock_.Monotonic();
}

std::optional<MonotonicTime> LeaderElector::Answered() const {
  std::lock_guard lock(mutex_);
  return answered_;
}

// Conditional on the version that we wrote: one that comes late, or after another replica took the Lease, is refused.
void LeaderElector::Release() {
  renewer_ = {};  // a renewal that is under way would take the Lease again
  if (seen_.record.holder != options_.identity) return;
  const json patch = {{"metadata", {{"resourceVersion", version_}}}, {"spec", {{"holderIdentity", ""}}}};
  const Result<std::string> released =
      client_.MergePatch(kube::kLeases, options_.lease, kube::Subresource::kNone, patch);
  if (!released.ok()) LogWarning("lease not released", {{"error", released.error().message}});
}

}  // namespace firesteel::runtime
