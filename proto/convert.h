// Plain struct ↔ protobuf. What comes in from the wire is checked against limits.h: an Error
// (kInvalidArgument) names the object and the field, never a secret. Round trips are lossless, but for
// free text (hold_reason, detail, message, log_tail, error), which is made UTF-8 and cut to its limit
// on the way out. Pure; thread-safe.
#pragma once

#include "base/result.h"
#include "firesteel/bootd/v1/bootd.pb.h"
#include "proto/artifact.h"
#include "proto/boot_entry.h"
#include "proto/boot_event.h"
#include "proto/bootd_info.h"

namespace firesteel::contract {

namespace pb = ::firesteel::bootd::v1;

// What the controller declares.
pb::BootEntry ToProto(const BootEntry& entry);
pb::Artifact ToProto(const Artifact& artifact);
// Whether FromProto would take it, for the sender.
Status Check(const pb::BootEntry& entry);
// stage2_sha512 does not travel: it is computed here, from the stage 2 that arrived.
Result<BootEntry> FromProto(const pb::BootEntry& entry);
Result<Artifact> FromProto(const pb::Artifact& artifact);

// What bootd tells.
pb::BootdHello ToProto(const BootdInfo& info);
pb::ArtifactStatus ToProto(const ArtifactStatus& status);
pb::BootEvent ToProto(const BootEvent& event);
Result<BootdInfo> FromProto(const pb::BootdHello& hello);
Result<ArtifactStatus> FromProto(const pb::ArtifactStatus& status);
Result<BootEvent> FromProto(const pb::BootEvent& event);

}  // namespace firesteel::contract
