// The reconcilers, their loops and bootd's client, wired together: what runs while this replica leads.
#pragma once

#include <memory>

#include "controller/kube/client.h"
#include "controller/options.h"
#include "controller/reconcile/watches.h"
#include "controller/runtime/metrics.h"

namespace firesteel {

class Operator {
 public:
  // Starts at once. All that is referred to must outlive it. `bootd_ca` is the content of options.bootd_ca.
  Operator(const Options& options, kube::Client& client, reconcile::Watches& watches, runtime::Metrics& metrics, std::string bootd_ca);
  ~Operator();  // waits for what is under way

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace firesteel
