#include "bootd/rpc/applier.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "base/utf8.h"
#include "proto/limits.h"

namespace bootd::rpc {
namespace {

namespace pb = firesteel::contract::pb;
using firesteel::InvalidArgument;
using firesteel::Result;
using firesteel::Status;
using firesteel::contract::Artifact;
using firesteel::contract::BootEntry;
using firesteel::contract::FromProto;

template <typename To, typename From>
Status AppendFromProto(const From& list, std::vector<To>& result) {
  for (const auto& item : list) {
    Result<To> converted = FromProto(item);
    if (!converted.ok()) return converted.error();
    result.push_back(std::move(*converted));
  }
  return {};
}

}  // namespace

std::optional<pb::Applied> Applier::Take(const pb::Snapshot& snapshot) {
  if (!partial_ || partial_->version != snapshot.version()) partial_.emplace().version = snapshot.version();
  if (partial_->status.ok()) partial_->status = Collect(snapshot);
  if (!partial_->status.ok()) partial_->declared = {};
  if (snapshot.more()) return std::nullopt;
  Partial whole = std::move(*partial_);
  partial_.reset();
  if (whole.status.ok()) whole.status = backend_.ApplySnapshot(std::move(whole.declared));
  return Answer(whole.version, whole.status);
}

Status Applier::Collect(const pb::Snapshot& snapshot) {
  if (snapshot.version() == 0) return InvalidArgument("a snapshot has no version");
  partial_->bytes += snapshot.ByteSizeLong();
  if (partial_->bytes > firesteel::contract::kMaxSnapshotBytes) {
    return firesteel::MakeError(firesteel::Code::kResourceExhausted, "the snapshot is over 512 MiB");
  }
  const Status entries = AppendFromProto(snapshot.entries(), partial_->declared.entries);
  if (!entries.ok()) return entries;
  partial_->declared.keep_entries.insert(partial_->declared.keep_entries.end(), snapshot.keep_entries().begin(), snapshot.keep_entries().end());
  return AppendFromProto(snapshot.artifacts(), partial_->declared.artifacts);
}

pb::Applied Applier::Take(const pb::Delta& delta) { return Answer(delta.version(), Apply(delta)); }

Status Applier::Apply(const pb::Delta& delta) {
  partial_.reset();
  if (version_ == 0 || delta.version() != version_ + 1) {
    return InvalidArgument("delta " + std::to_string(delta.version()) + " does not follow version " +
                           std::to_string(version_));
  }
  Change change;
  const Status entries = AppendFromProto(delta.upsert_entries(), change.upsert_entries);
  if (!entries.ok()) return entries;
  const Status artifacts = AppendFromProto(delta.upsert_artifacts(), change.upsert_artifacts);
  if (!artifacts.ok()) return artifacts;
  change.remove_entries.assign(delta.remove_entries().begin(), delta.remove_entries().end());
  change.remove_artifacts.assign(delta.remove_artifacts().begin(), delta.remove_artifacts().end());
  return backend_.ApplyDelta(std::move(change));
}

pb::Applied Applier::Answer(uint64_t version, const Status& status) {
  pb::Applied applied;
  applied.set_version(version);
  if (status.ok()) {
    version_ = version;
    return applied;
  }
  applied.set_error(firesteel::CutUtf8(status.error().message, firesteel::contract::kMaxErrorBytes));
  backend_.CountRefused();
  firesteel::LogWarning("update refused", {{"version", version}, {"error", status.error().message}});
  return applied;
}

}  // namespace bootd::rpc
