// Plain struct ↔ protobuf. What comes in from the wire is checked: an Error names the field. Round trips
// are lossless.
#pragma once

#include "base/result.h"
#include "firesteel/bootd/v1/bootd.pb.h"
#include "proto/artifact.h"
#include "proto/boot_entry.h"
#include "proto/boot_event.h"

namespace firesteel::contract {

namespace pb = ::firesteel::bootd::v1;

pb::BootEntry ToProto(const BootEntry& entry);
pb::Artifact ToProto(const Artifact& artifact);
pb::ArtifactStatus ToProto(const ArtifactStatus& status);
pb::BootEvent ToProto(const BootEvent& event);

Result<BootEntry> FromProto(const pb::BootEntry& entry);
Result<Artifact> FromProto(const pb::Artifact& artifact);
Result<ArtifactStatus> FromProto(const pb::ArtifactStatus& status);
Result<BootEvent> FromProto(const pb::BootEvent& event);

}  // namespace firesteel::contract
