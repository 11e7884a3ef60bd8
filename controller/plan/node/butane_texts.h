// Which Butane configs a host gets, in the order in which they are laid over ours: the cluster's, its
// role's, then the host's own; of each, butaneFrom in its order, then butane. Pure.
#pragma once

#include <string>
#include <vector>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"

namespace firesteel::plan {

struct ButaneText {
  std::string where;         // for messages: "Cluster demo spec.butane.all"
  std::string text;          // empty with `source`
  api::ButaneSource source;  // name "" = `text` is it
};

std::vector<ButaneText> ButaneTextsOf(const api::Cluster& cluster, const api::BareMetalHost& host);

}  // namespace firesteel::plan
