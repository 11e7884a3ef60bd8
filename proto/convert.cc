// What the controller declares: BootEntry and Artifact.
#include "proto/convert.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/utf8.h"
#include "proto/artifact_name.h"
#include "proto/convert_common.h"
#include "proto/limits.h"

namespace firesteel::contract {
namespace {

using internal::CheckRules;
using internal::FromTimestamp;
using internal::IsHttpUrl;
using internal::IsLowerHex;
using internal::ToTimestamp;

bool IsToken(const std::string& token) {
  return !token.empty() && token.size() <= kMaxTokenBytes && IsOneLine(token);
}

Status CheckIgnition(const pb::BootEntry& entry) {
  const pb::Ignition& in = entry.ignition();
  const Status checked = CheckRules(
      entry.id(),
      {{in.stage2().size() <= kMaxStage2Bytes, "ignition.stage2 is over 4 MiB"},
       {IsToken(in.report_token()), "ignition.report_token is not a token"},
       {in.delivered() || IsToken(in.fetch_token()), "ignition.fetch_token is not a token"},
       {in.delivered() || !in.stage2().empty(), "ignition.stage2 is empty"},
       {in.fetch_token().size() <= kMaxTokenBytes, "ignition.fetch_token is too long"}});
  if (!checked.ok()) return checked;
  const Result<WallTime> expires_at = FromTimestamp(in.expires_at());
  if (!expires_at.ok()) return InvalidArgument(entry.id() + ": ignition.expires_at " + expires_at.error().message);
  return {};
}

Ignition IgnitionFrom(const pb::Ignition& checked) {
  Ignition ignition;
  ignition.stage2 = checked.stage2();
  ignition.stage2_sha512 = checked.stage2().empty() ? "" : Sha512Hex(checked.stage2());
  ignition.fetch_token = checked.fetch_token();
  ignition.report_token = checked.report_token();
  ignition.expires_at = *FromTimestamp(checked.expires_at());
  ignition.delivered = checked.delivered();
  return ignition;
}

bool IsArgument(const std::string& argument) {
  return !argument.empty() && argument.size() <= kMaxKernelArgumentBytes && IsOneLine(argument);
}

bool IsIntent(pb::BootEntry::Intent intent) {
  return intent == pb::BootEntry::NETBOOT || intent == pb::BootEntry::HOLD || intent == pb::BootEntry::LOCAL;
}

BootIntent IntentFrom(pb::BootEntry::Intent checked) {
  if (checked == pb::BootEntry::NETBOOT) return BootIntent::kNetboot;
  return checked == pb::BootEntry::LOCAL ? BootIntent::kLocal : BootIntent::kHold;
}

Status CheckMac(const pb::BootEntry& in) {
  const Result<MacAddress> mac = MacAddress::Parse(in.mac());
  return CheckRules(in.id(), {{mac.ok(), "mac is no MAC address"},
                              {!mac.ok() || *mac != MacAddress(), "mac is all zero"}});
}

Status CheckFields(const pb::BootEntry& in) {
  const bool netboot = in.intent() == pb::BootEntry::NETBOOT;
  return CheckRules(
      in.id().empty() ? "an entry" : in.id(),
      {{!in.id().empty() && in.id().size() <= kMaxIdBytes && IsOneLine(in.id()), "no id of at most 512 bytes"},
       {in.boot_id().size() <= kMaxBootIdBytes && IsOneLine(in.boot_id()), "boot_id is over 128 bytes"},
       {IsIntent(in.intent()), "intent is not NETBOOT, HOLD or LOCAL"},
       {in.hold_reason().size() <= kMaxTextBytes, "hold_reason is over 1 KiB"},
       {netboot ? IsSafeRelativePath(in.kernel()) : in.kernel().empty() || IsSafeRelativePath(in.kernel()),
        "kernel is not an artifact's name"},
       {in.initrds_size() <= static_cast<int>(kMaxInitrds), "initrds are more than 16"},
       {std::all_of(in.initrds().begin(), in.initrds().end(), IsSafeRelativePath),
        "initrds holds what is not an artifact's name"},
       {in.kernel_arguments_size() <= static_cast<int>(kMaxKernelArguments), "kernel_arguments are more than 128"},
       {std::all_of(in.kernel_arguments().begin(), in.kernel_arguments().end(), IsArgument),
        "kernel_arguments holds an empty one, a control character or over 2 KiB"}});
}

Status SetSignature(const pb::Artifact& in, Artifact& artifact) {
  const std::string& keyring = in.signature().keyring();
  artifact.expected = ExpectedSignature{in.signature().url(), keyring};
  return CheckRules(in.name(), {{IsHttpUrl(in.signature().url()), "signature.url is no http or https URL"},
                                {!keyring.empty(), "signature.keyring is empty"},
                                {keyring.size() <= kMaxKeyringBytes, "signature.keyring is over 256 KiB"}});
}

Status SetExpected(const pb::Artifact& in, Artifact& artifact) {
  switch (in.expected_case()) {
    case pb::Artifact::kSha256:
      artifact.expected = ExpectedSha256{in.sha256()};
      return CheckRules(in.name(), {{IsLowerHex(in.sha256(), 64), "sha256 is not 64 lower-case hex digits"}});
    case pb::Artifact::kSha512:
      artifact.expected = ExpectedSha512{in.sha512()};
      return CheckRules(in.name(), {{IsLowerHex(in.sha512(), 128), "sha512 is not 128 lower-case hex digits"}});
    case pb::Artifact::kDigestsUrl:
      artifact.expected = ExpectedFromDigests{in.digests_url()};
      return CheckRules(in.name(), {{IsHttpUrl(in.digests_url()), "digests_url is no http or https URL"}});
    case pb::Artifact::kSignature: return SetSignature(in, artifact);
    case pb::Artifact::EXPECTED_NOT_SET: break;
  }
  return InvalidArgument(in.name() + ": no checksum is given");
}

}  // namespace

pb::BootEntry ToProto(const BootEntry& entry) {
  pb::BootEntry out;
  out.set_id(entry.id);
  out.set_mac(entry.mac.ToString());
  out.set_boot_id(entry.boot_id);
  switch (entry.intent) {
    case BootIntent::kNetboot: out.set_intent(pb::BootEntry::NETBOOT); break;
    case BootIntent::kHold: out.set_intent(pb::BootEntry::HOLD); break;
    case BootIntent::kLocal: out.set_intent(pb::BootEntry::LOCAL); break;
  }
  out.set_hold_reason(CutUtf8(entry.hold_reason, kMaxTextBytes));
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

Status Check(const pb::BootEntry& in) {
  Status checked = CheckFields(in);
  if (checked.ok()) checked = CheckMac(in);
  if (checked.ok() && in.has_ignition()) checked = CheckIgnition(in);
  return checked;
}

Result<BootEntry> FromProto(const pb::BootEntry& in) {
  const Status checked = Check(in);
  if (!checked.ok()) return checked.error();
  BootEntry entry;
  entry.id = in.id();
  entry.mac = *MacAddress::Parse(in.mac());
  entry.boot_id = in.boot_id();
  entry.intent = IntentFrom(in.intent());
  entry.hold_reason = in.hold_reason();
  entry.kernel = in.kernel();
  entry.initrds.assign(in.initrds().begin(), in.initrds().end());
  entry.kernel_arguments.assign(in.kernel_arguments().begin(), in.kernel_arguments().end());
  if (in.has_ignition()) entry.ignition = IgnitionFrom(in.ignition());
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
  } else if (const auto* signature = std::get_if<ExpectedSignature>(&artifact.expected)) {
    out.mutable_signature()->set_url(signature->url);
    out.mutable_signature()->set_keyring(signature->keyring);
  } else {
    out.set_digests_url(std::get<ExpectedFromDigests>(artifact.expected).url);
  }
  return out;
}

Result<Artifact> FromProto(const pb::Artifact& in) {
  const Status checked = CheckRules("artifact '" + in.name() + "'",
                                    {{IsSafeRelativePath(in.name()), "name is not a safe relative path"},
                                     {IsHttpUrl(in.url()), "url is no http or https URL"}});
  if (!checked.ok()) return checked.error();
  Artifact artifact{in.name(), in.url(), ExpectedSha512{}};
  const Status expected = SetExpected(in, artifact);
  if (!expected.ok()) return expected.error();
  return artifact;
}

}  // namespace firesteel::contract
