// Blocks until this replica leads, keeps leading, and says when it no longer does.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "controller/kube/client.h"
#include "controller/runtime/lease_decision.h"

namespace firesteel::runtime {

struct LeaseOptions {
  api::ObjectKey lease;
  std::string identity;
  std::chrono::seconds duration{15};
  std::chrono::seconds renew_deadline{10};  // give up leading when not renewed for this long
  std::chrono::seconds retry_period{2};
};

class LeaderElector {
 public:
  LeaderElector(kube::Client& client, const Clock& clock, LeaseOptions options);

  // Returns true once we lead, false if stopped before.
  bool Acquire(std::stop_token stop);
  // Returns when leadership was lost or `stop` was asked; then the Lease is released.
  void Hold(std::stop_token stop);

 private:
  bool TryOnce();  // one look at the Lease; whether we hold it afterwards
  Status Write(LeaseMove move);
  void Release();

  kube::Client& client_;
  const Clock& clock_;
  const LeaseOptions options_;
  LeaseObservation seen_;
  std::string resource_version_;  // "" = the Lease does not exist
};

}  // namespace firesteel::runtime
