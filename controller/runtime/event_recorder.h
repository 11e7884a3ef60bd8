// The stories that `kubectl describe` shows: core/v1 Events.
// https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
#pragma once

#include <string>

#include "base/clock.h"
#include "controller/kube/client.h"

namespace firesteel::runtime {

struct EventSubject {
  std::string kind;  // "BareMetalHost"
  std::string uid;
  api::ObjectKey key;
};

struct EventText {
  bool warning = false;
  std::string reason;
  std::string message;  // cut to the API's 1024 bytes, never within a character
  std::string key;      // an event is told once per subject, reason and key
};

// Thread-safe. Guarantee: an event that is recorded twice, even over a crash, is one Event, because its name is made from
// what it says. An Error means that the same call may succeed later. What the API server refuses for good (while it deletes
// the namespace, say) is logged: an Event that cannot be written must not stop work.
class EventRecorder {
 public:
  EventRecorder(kube::Client& client, const Clock& clock) : client_(client), clock_(clock) {}
  Status Record(const EventSubject& subject, const EventText& text);

 private:
  kube::Client& client_;
  const Clock& clock_;
};

}  // namespace firesteel::runtime
