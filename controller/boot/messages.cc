#include "controller/boot/messages.h"

namespace firesteel::boot {
namespace {

namespace pb = contract::pb;

template <typename List>
void AddEntries(const std::vector<EntryPtr>& entries, List& list) {
  for (const EntryPtr& entry : entries) list.Add()->ParseFromString(entry->message);
}

template <typename List>
void AddArtifacts(const std::vector<contract::Artifact>& artifacts, List& list) {
  for (const contract::Artifact& artifact : artifacts) *list.Add() = ToProto(artifact);
}

void Fill(const Update& update, pb::Snapshot& snapshot) {
  snapshot.set_version(update.version);
  snapshot.set_more(update.more);
  AddEntries(update.upsert_entries, *snapshot.mutable_entries());
  AddArtifacts(update.upsert_artifacts, *snapshot.mutable_artifacts());
  for (const std::string& id : update.keep_entries) snapshot.add_keep_entries(id);
}

void Fill(const Update& update, pb::Delta& delta) {
  delta.set_version(update.version);
  AddEntries(update.upsert_entries, *delta.mutable_upsert_entries());
  for (const std::string& id : update.remove_entries) delta.add_remove_entries(id);
  AddArtifacts(update.upsert_artifacts, *delta.mutable_upsert_artifacts());
  for (const std::string& name : update.remove_artifacts) delta.add_remove_artifacts(name);
}

}  // namespace

pb::ControllerMessage Hello(const std::string& identity) {
  pb::ControllerMessage message;
  message.mutable_hello()->set_identity(identity);
  return message;
}

pb::ControllerMessage Acknowledgement(uint64_t cursor) {
  pb::ControllerMessage message;
  message.mutable_event_ack()->set_cursor(cursor);
  return message;
}

pb::ControllerMessage ToMessage(const Update& update) {
  pb::ControllerMessage message;
  switch (update.kind) {
    case Update::Kind::kSnapshot: Fill(update, *message.mutable_snapshot()); break;
    case Update::Kind::kDelta: Fill(update, *message.mutable_delta()); break;
  }
  return message;
}

}  // namespace firesteel::boot
