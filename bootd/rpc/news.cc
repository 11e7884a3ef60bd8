#include "bootd/rpc/news.h"

#include <utility>

namespace bootd::rpc {

using firesteel::contract::ArtifactStatus;
using firesteel::contract::BootEvent;
using firesteel::contract::ToProto;
using firesteel::contract::pb::BootdMessage;

std::vector<BootdMessage> News::Take() {
  constexpr size_t kEventsAtOnce = 100;
  std::vector<BootdMessage> messages;
  std::map<std::string, ArtifactStatus> now;
  for (ArtifactStatus& status : backend_.ArtifactStatuses()) {
    const auto old = told_.find(status.name);
    if (old == told_.end() || old->second != status) {
      *messages.emplace_back().mutable_artifact_status() = ToProto(status);
    }
    std::string name = status.name;
    now.insert_or_assign(std::move(name), std::move(status));
  }
  told_ = std::move(now);  // what is gone is forgotten: should it come back, it is news
  for (const BootEvent& event : backend_.EventsAfter(cursor_, kEventsAtOnce)) {
    *messages.emplace_back().mutable_event() = ToProto(event);
    cursor_ = event.cursor;
  }
  return messages;
}

}  // namespace bootd::rpc
