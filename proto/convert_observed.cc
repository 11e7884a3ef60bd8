// What bootd tells: BootdHello, BootEvent and ArtifactStatus.
#include <utility>

#include "proto/artifact_name.h"
#include "base/utf8.h"
#include "proto/convert.h"
#include "proto/convert_common.h"
#include "proto/limits.h"

namespace firesteel::contract {
namespace {

using internal::CheckRules;
using internal::FromTimestamp;
using internal::IsHttpUrl;
using internal::IsLowerHex;
using internal::ToTimestamp;

constexpr size_t kMaxNameBytes = 128;  // instance ids, versions, addresses

constexpr std::pair<EventKind, pb::BootEvent::Kind> kKinds[] = {
    {EventKind::kLoader, pb::BootEvent::LOADER},
    {EventKind::kScript, pb::BootEvent::SCRIPT},
    {EventKind::kKernel, pb::BootEvent::KERNEL},
    {EventKind::kInitrd, pb::BootEvent::INITRD},
    {EventKind::kIgnitionWaiting, pb::BootEvent::IGNITION_WAITING},
    {EventKind::kIgnitionStage1, pb::BootEvent::IGNITION_STAGE1},
    {EventKind::kIgnitionDelivered, pb::BootEvent::IGNITION_DELIVERED},
    {EventKind::kIgnitionRefused, pb::BootEvent::IGNITION_REFUSED},
    {EventKind::kIgnitionBroken, pb::BootEvent::IGNITION_BROKEN},
    {EventKind::kReport, pb::BootEvent::REPORT},
    {EventKind::kHeld, pb::BootEvent::HELD},
    {EventKind::kUnknownMac, pb::BootEvent::UNKNOWN_MAC},
    {EventKind::kOffer, pb::BootEvent::OFFER}};

constexpr std::pair<ReportState, pb::Report::State> kReportStates[] = {
    {ReportState::kStarted, pb::Report::STARTED},
    {ReportState::kSucceeded, pb::Report::SUCCEEDED},
    {ReportState::kFailed, pb::Report::FAILED}};

constexpr std::pair<ArtifactState, pb::ArtifactStatus::State> kArtifactStates[] = {
    {ArtifactState::kPending, pb::ArtifactStatus::PENDING},
    {ArtifactState::kDownloading, pb::ArtifactStatus::DOWNLOADING},
    {ArtifactState::kReady, pb::ArtifactStatus::READY},
    {ArtifactState::kRetrying, pb::ArtifactStatus::RETRYING},
    {ArtifactState::kChecksumMismatch, pb::ArtifactStatus::CHECKSUM_MISMATCH}};

template <typename Plain, typename Wire, size_t N>
Wire EnumToProto(const std::pair<Plain, Wire> (&table)[N], Plain value) {
  for (const auto& [plain, wire] : table) {
    if (plain == value) return wire;
  }
  return static_cast<Wire>(0);  // unreachable: a test walks every value through the tables
}

template <typename Plain, typename Wire, size_t N>
Result<Plain> EnumFromProto(const std::pair<Plain, Wire> (&table)[N], Wire value, const char* field) {
  for (const auto& [plain, wire] : table) {
    if (wire == value) return plain;
  }
  return InvalidArgument(std::string(field) + " " + std::to_string(static_cast<int>(value)) + " is unknown");
}

pb::Report ToProto(const Report& report) {
  pb::Report out;
  out.set_boot_id(CutUtf8(report.boot_id, kMaxBootIdBytes));
  out.set_step(CutUtf8(report.step, kMaxStepBytes));
  out.set_state(EnumToProto(kReportStates, report.state));
  out.set_message(CutUtf8(report.message, kMaxTextBytes));
  out.set_log_tail(LastUtf8(report.log_tail, kMaxLogTailBytes));
  return out;
}

Result<Report> FromProto(const pb::Report& in) {
  const Result<ReportState> state = EnumFromProto(kReportStates, in.state(), "report.state");
  if (!state.ok()) return state.error();
  const Status checked = CheckRules("report", {{in.boot_id().size() <= kMaxBootIdBytes, "boot_id is too long"},
                                               {in.step().size() <= kMaxStepBytes, "step is too long"},
                                               {in.message().size() <= kMaxTextBytes, "message is too long"},
                                               {in.log_tail().size() <= kMaxLogTailBytes, "log_tail is too long"}});
  if (!checked.ok()) return checked.error();
  return Report{in.boot_id(), in.step(), *state, in.message(), in.log_tail()};
}

Status CheckEvent(const pb::BootEvent& in) {
  return CheckRules("event " + std::to_string(in.cursor()),
                    {{in.cursor() > 0, "cursor is 0"},
                     {in.entry_id().size() <= kMaxIdBytes, "entry_id is too long"},
                     {in.client_address().size() <= kMaxNameBytes, "client_address is too long"},
                     {in.boot_id().size() <= kMaxBootIdBytes, "boot_id is too long"},
                     {in.detail().size() <= kMaxTextBytes, "detail is too long"},
                     {in.has_report() == (in.kind() == pb::BootEvent::REPORT), "report does not go with kind"}});
}

}  // namespace

pb::BootdHello ToProto(const BootdInfo& info) {
  pb::BootdHello out;
  out.set_instance_id(info.instance_id);
  out.set_http_base_url(info.http_base_url);
  out.set_https_base_url(info.https_base_url);
  out.set_version(info.version);
  for (const ArtifactStatus& status : info.artifacts) *out.add_artifacts() = ToProto(status);
  return out;
}

Result<BootdInfo> FromProto(const pb::BootdHello& in) {
  const Status checked =
      CheckRules("hello", {{!in.instance_id().empty() && in.instance_id().size() <= kMaxNameBytes,
                            "instance_id is not 1 to 128 bytes"},
                           {IsHttpUrl(in.http_base_url()), "http_base_url is no URL"},
                           {IsHttpUrl(in.https_base_url()), "https_base_url is no URL"},
                           {in.version().size() <= kMaxNameBytes, "version is too long"}});
  if (!checked.ok()) return checked.error();
  BootdInfo info{in.instance_id(), in.http_base_url(), in.https_base_url(), in.version()};
  for (const pb::ArtifactStatus& artifact : in.artifacts()) {
    Result<ArtifactStatus> status = FromProto(artifact);
    if (!status.ok()) return status.error();
    info.artifacts.push_back(std::move(*status));
  }
  return info;
}

pb::ArtifactStatus ToProto(const ArtifactStatus& status) {
  pb::ArtifactStatus out;
  out.set_name(status.name);
  out.set_state(EnumToProto(kArtifactStates, status.state));
  out.set_bytes_done(status.bytes_done);
  out.set_bytes_total(status.bytes_total);
  out.set_error(CutUtf8(status.error, kMaxErrorBytes));
  out.set_url(status.url);
  out.set_sha512(status.sha512);
  return out;
}

Result<ArtifactStatus> FromProto(const pb::ArtifactStatus& in) {
  const Result<ArtifactState> state = EnumFromProto(kArtifactStates, in.state(), "artifact state");
  if (!state.ok()) return state.error();
  const Status checked = CheckRules(
      "artifact status", {{IsSafeRelativePath(in.name()), "name is not a safe relative path"},
                          {IsHttpUrl(in.url()), "url is no URL"},
                          {in.error().size() <= kMaxErrorBytes, "error is too long"},
                          {in.sha512().empty() || IsLowerHex(in.sha512(), 128), "sha512 is not 128 hex digits"}});
  if (!checked.ok()) return checked.error();
  return ArtifactStatus{in.name(), *state, in.bytes_done(), in.bytes_total(), in.error(), in.url(), in.sha512()};
}

pb::BootEvent ToProto(const BootEvent& event) {
  pb::BootEvent out;
  out.set_cursor(event.cursor);
  *out.mutable_time() = ToTimestamp(event.time);
  out.set_entry_id(event.entry_id);
  if (event.mac) out.set_mac(event.mac->ToString());
  out.set_client_address(CutUtf8(event.client_address, kMaxNameBytes));
  out.set_boot_id(event.boot_id);
  out.set_kind(EnumToProto(kKinds, event.kind));
  out.set_detail(CutUtf8(event.detail, kMaxTextBytes));
  if (event.report) *out.mutable_report() = ToProto(*event.report);
  return out;
}

Result<BootEvent> FromProto(const pb::BootEvent& in) {
  const Status checked = CheckEvent(in);
  if (!checked.ok()) return checked.error();
  const Result<EventKind> kind = EnumFromProto(kKinds, in.kind(), "event kind");
  if (!kind.ok()) return kind.error();
  const Result<WallTime> time = FromTimestamp(in.time());
  if (!time.ok()) return InvalidArgument("event time " + time.error().message);
  BootEvent event;
  event.cursor = in.cursor();
  event.time = *time;
  event.entry_id = in.entry_id();
  if (!in.mac().empty()) {
    const Result<MacAddress> mac = MacAddress::Parse(in.mac());
    if (!mac.ok()) return InvalidArgument("event " + std::to_string(in.cursor()) + ": mac is no MAC address");
    event.mac = *mac;
  }
  event.client_address = in.client_address();
  event.boot_id = in.boot_id();
  event.kind = *kind;
  event.detail = in.detail();
  if (!in.has_report()) return event;
  Result<Report> report = FromProto(in.report());
  if (!report.ok()) return report.error();
  event.report = std::move(*report);
  return event;
}

}  // namespace firesteel::contract
