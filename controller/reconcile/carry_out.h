// The order in which a plan takes effect: its status, then its actions, and then what became of them.
#pragma once

#include "controller/plan/refusal.h"
#include "controller/reconcile/status_writer.h"
#include "controller/runtime/outcome.h"

namespace firesteel::reconcile {

struct CarriedOut {
  Status written;  // the status; where it could not be written first, nothing was done
  Status acted;
};

// An action that only a person can make possible makes the object Stalled, with the words of its Error. While it stays
// refused, looking again writes nothing: see plan::TakesBackStalled.
template <typename Object, typename Act>
CarriedOut CarryOut(StatusWriter& writer, const kube::Resource& resource, const Object& object,
                    decltype(Object::status) planned, WallTime now, const Act& act) {
  auto written = object.status;
  if (!plan::TakesBackStalled(object.status, planned)) {
    const Status first = writer.Patch(resource, object.metadata, object.status, planned);
    if (!first.ok()) return {first, {}};
    written = planned;
  }
  const Status acted = act();
  if (!acted.ok() && runtime::NeedsPerson(acted.error().code)) plan::ShowRefusal(acted.error(), now, planned);
  return {writer.Patch(resource, object.metadata, written, planned), acted};
}

}  // namespace firesteel::reconcile
