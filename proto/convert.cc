#include "proto/convert.h"

#include <google/protobuf/util/time_util.h>

#include <string>

#include "base/crypto.h"
#include "proto/artifact_name.h"

namespace firesteel::contract {
namespace {

using google::protobuf::Timestamp;

constexpr size_t kMaxStage2 = 4u << 20;

Timestamp ToTimestamp(WallTime time) {
  const auto since = time.time_since_epoch();
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

WallTime FromTimestamp(const Timestamp& time) {
  return WallTime(std::chrono::microseconds(
      google::protobuf::util::TimeUtil::TimestampToMicroseconds(time)));
}

bool IsHex(const std::string& text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<std::optional<Ignition>> IgnitionFrom(const pb::BootEntry& entry) {
  if (!entry.has_ignition()) return std::optional<Ignition>();
  const pb::Ignition& in = entry.ignition();
  if (in.stage2().size() > kMaxStage2) return InvalidArgument(entry.id() + ": ignition.stage2 is over 4 MiB");
  if (in.report_token().empty()) return InvalidArgument(entry.id() + ": ignition.report_token is empty");
  Ignition ignition;
  ignition.stage2 = in.stage2();
  ignition.stage2_sha512 = Sha512Hex(in.stage2());
  ignition.fetch_token = in.fetch_token();
  ignition.report_token = in.report_token();
  ignition.expires_at = FromTimestamp(in.expires_at());
  ignition.delivered = in.delivered();
  return std::optional<Ignition>(std::move(ignition));
}

Report FromProto(const pb::Report& in) {
  Report report;
  report.boot_id = in.boot_id();
  report.step = in.step();
  report.state = in.state() == pb::Report::STARTED     ? ReportState::kStarted
                 : in.state() == pb::Report::SUCCEEDED ? ReportState::kSucceeded
                                                       : ReportState::kFailed;
  report.message = in.message();
  report.log_tail = in.log_tail();
  return report;
}

pb::Report ToProto(const Report& report) {
  pb::Report out;
  out.set_boot_id(report.boot_id);
  out.set_step(report.step);
  switch (report.state) {
    case ReportState::kStarted: out.set_state(pb::Report::STARTED); break;
    case ReportState::kSucceeded: out.set_state(pb::Report::SUCCEEDED); break;
    case ReportState::kFailed: out.set_state(pb::Report::FAILED); break;
  }
  out.set_message(report.message);
  out.set_log_tail(report.log_tail);
  return out;
}

pb::BootEvent::Kind KindToProto(EventKind kind) {
  switch (kind) {
    case EventKind::kLoader: return pb::BootEvent::LOADER;
    case EventKind::kScript: return pb::BootEvent::SCRIPT;
    case EventKind::kKernel: return pb::BootEvent::KERNEL;
    case EventKind::kInitrd: return pb::BootEvent::INITRD;
    case EventKind::kIgnitionWaiting: return pb::BootEvent::IGNITION_WAITING;
    case EventKind::kIgnitionStage1: return pb::BootEvent::IGNITION_STAGE1;
    case EventKind::kIgnitionDelivered: return pb::BootEvent::IGNITION_DELIVERED;
    case EventKind::kIgnitionRefused: return pb::BootEvent::IGNITION_REFUSED;
    case EventKind::kReport: return pb::BootEvent::REPORT;
    case EventKind::kHeld: return pb::BootEvent::HELD;
    case EventKind::kUnknownMac: return pb::BootEvent::UNKNOWN_MAC;
  }
  return pb::BootEvent::KIND_UNSPECIFIED;
}

Result<EventKind> KindFromProto(int kind) {
  for (int i = static_cast<int>(EventKind::kLoader); i <= static_cast<int>(EventKind::kUnknownMac); ++i) {
    if (KindToProto(static_cast<EventKind>(i)) == kind) return static_cast<EventKind>(i);
  }
  return InvalidArgument("event kind " + std::to_string(kind) + " is unknown");
}

pb::ArtifactStatus::State StateToProto(ArtifactState state) {
  switch (state) {
    case ArtifactState::kPending: return pb::ArtifactStatus::PENDING;
    case ArtifactState::kDownloading: return pb::ArtifactStatus::DOWNLOADING;
    case ArtifactState::kReady: return pb::ArtifactStatus::READY;
    case ArtifactState::kRetrying: return pb::ArtifactStatus::RETRYING;
    case ArtifactState::kChecksumMismatch: return pb::ArtifactStatus::CHECKSUM_MISMATCH;
  }
  return pb::ArtifactStatus::STATE_UNSPECIFIED;
}

Result<ArtifactState> StateFromProto(int state) {
  for (int i = static_cast<int>(ArtifactState::kPending);
       i <= static_cast<int>(ArtifactState::kChecksumMismatch); ++i) {
    if (StateToProto(static_cast<ArtifactState>(i)) == state) return static_cast<ArtifactState>(i);
  }
  return InvalidArgument("artifact state " + std::to_string(state) + " is unknown");
}

bool IsHttpUrl(const std::string& url) {
  return url.rfind("http://", 0) == 0 || url.rfind("https://", 0) == 0;
}

}  // namespace

pb::BootEntry ToProto(const BootEntry& entry) {
  pb::BootEntry out;
  out.set_id(entry.id);
  out.set_mac(entry.mac.ToString());
  out.set_boot_id(entry.boot_id);
  out.set_intent(entry.intent == BootIntent::kNetboot ? pb::BootEntry::NETBOOT : pb::BootEntry::HOLD);
  out.set_hold_reason(entry.hold_reason);
  out.set_kernel(entry.kernel);
  for (const std::string& initrd : entry.initrds) out.add_initrds(initrd);
  for (const std::string& argument : entry.kernel_arguments) out.add_kernel_arguments(argument);
  if (!entry.ignition) return out;
  pb::Ignition& ignition = *out.mutable_ignition();
  ignition.set_stage2(entry.ignition->stage2);
  ignition.set_fetch_token(entry.ignition->fetch_token);
  ignition.set_report_token(entry.ignition->report_token);
  *ignition.mutable_expires_at() = ToTimestamp(entry.ignition->expires_at);
  ignition.set_delivered(entry.ignition->delivered);
  return out;
}

Result<BootEntry> FromProto(const pb::BootEntry& in) {
  BootEntry entry;
  entry.id = in.id();
  if (entry.id.empty()) return InvalidArgument("an entry has no id");
  const Result<MacAddress> mac = MacAddress::Parse(in.mac());
  if (!mac.ok()) return InvalidArgument(in.id() + ": mac: " + mac.error().message);
  entry.mac = *mac;
  entry.boot_id = in.boot_id();
  if (in.intent() != pb::BootEntry::NETBOOT && in.intent() != pb::BootEntry::HOLD) {
    return InvalidArgument(in.id() + ": intent is neither NETBOOT nor HOLD");
  }
  entry.intent = in.intent() == pb::BootEntry::NETBOOT ? BootIntent::kNetboot : BootIntent::kHold;
  entry.hold_reason = in.hold_reason();
  entry.kernel = in.kernel();
  entry.initrds.assign(in.initrds().begin(), in.initrds().end());
  entry.kernel_arguments.assign(in.kernel_arguments().begin(), in.kernel_arguments().end());
  if (entry.intent == BootIntent::kNetboot && !IsSafeRelativePath(entry.kernel)) {
    return InvalidArgument(in.id() + ": kernel '" + entry.kernel + "' is not an artifact's name");
  }
  for (const std::string& initrd : entry.initrds) {
    if (!IsSafeRelativePath(initrd)) return InvalidArgument(in.id() + ": initrd is not an artifact's name");
  }
  Result<std::optional<Ignition>> ignition = IgnitionFrom(in);
  if (!ignition.ok()) return ignition.error();
  entry.ignition = std::move(*ignition);
  return entry;
}

pb::Artifact ToProto(const Artifact& artifact) {
  pb::Artifact out;
  out.set_name(artifact.name);
  out.set_url(artifact.url);
  if (const auto* sha512 = std::get_if<ExpectedSha512>(&artifact.expected)) {
    out.set_sha512(sha512->hex);
  } else if (const auto* sha256 = std::get_if<ExpectedSha256>(&artifact.expected)) {
    out.set_sha256(sha256->hex);
  } else {
    out.set_digests_url(std::get<ExpectedFromDigests>(artifact.expected).url);
  }
  return out;
}

Result<Artifact> FromProto(const pb::Artifact& in) {
  Artifact artifact{in.name(), in.url(), ExpectedSha512{}};
  if (!IsSafeRelativePath(in.name())) return InvalidArgument("artifact name '" + in.name() + "' is not safe");
  if (!IsHttpUrl(in.url())) return InvalidArgument(in.name() + ": url is neither http nor https");
  switch (in.expected_case()) {
    case pb::Artifact::kSha256:
      if (!IsHex(in.sha256(), 64)) return InvalidArgument(in.name() + ": sha256 is not 64 hex digits");
      artifact.expected = ExpectedSha256{in.sha256()};
      return artifact;
    case pb::Artifact::kSha512:
      if (!IsHex(in.sha512(), 128)) return InvalidArgument(in.name() + ": sha512 is not 128 hex digits");
      artifact.expected = ExpectedSha512{in.sha512()};
      return artifact;
    case pb::Artifact::kDigestsUrl:
      if (!IsHttpUrl(in.digests_url())) return InvalidArgument(in.name() + ": digests_url is no URL");
      artifact.expected = ExpectedFromDigests{in.digests_url()};
      return artifact;
    case pb::Artifact::EXPECTED_NOT_SET: break;
  }
  return InvalidArgument(in.name() + ": no checksum is given");
}

pb::ArtifactStatus ToProto(const ArtifactStatus& status) {
  pb::ArtifactStatus out;
  out.set_name(status.name);
  out.set_state(StateToProto(status.state));
  out.set_bytes_done(status.bytes_done);
  out.set_bytes_total(status.bytes_total);
  out.set_error(status.error);
  out.set_url(status.url);
  out.set_sha512(status.sha512);
  return out;
}

Result<ArtifactStatus> FromProto(const pb::ArtifactStatus& in) {
  const Result<ArtifactState> state = StateFromProto(in.state());
  if (!state.ok()) return state.error();
  return ArtifactStatus{in.name(),  *state,   in.bytes_done(), in.bytes_total(),
                        in.error(), in.url(), in.sha512()};
}

pb::BootEvent ToProto(const BootEvent& event) {
  pb::BootEvent out;
  out.set_cursor(event.cursor);
  *out.mutable_time() = ToTimestamp(event.time);
  out.set_entry_id(event.entry_id);
  if (event.mac) out.set_mac(event.mac->ToString());
  out.set_client_address(event.client_address);
  out.set_boot_id(event.boot_id);
  out.set_kind(KindToProto(event.kind));
  out.set_detail(event.detail);
  if (event.report) *out.mutable_report() = ToProto(*event.report);
  return out;
}

Result<BootEvent> FromProto(const pb::BootEvent& in) {
  const Result<EventKind> kind = KindFromProto(in.kind());
  if (!kind.ok()) return kind.error();
  BootEvent event;
  event.cursor = in.cursor();
  event.time = FromTimestamp(in.time());
  event.entry_id = in.entry_id();
  if (!in.mac().empty()) {
    const Result<MacAddress> mac = MacAddress::Parse(in.mac());
    if (!mac.ok()) return mac.error();
    event.mac = *mac;
  }
  event.client_address = in.client_address();
  event.boot_id = in.boot_id();
  event.kind = *kind;
  event.detail = in.detail();
  if (in.has_report()) event.report = FromProto(in.report());
  return event;
}

}  // namespace firesteel::contract
