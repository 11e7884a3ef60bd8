// What bootd holds for a host, made from the decisions of its plan. Pure.
#pragma once

#include <string>

#include "controller/plan/action.h"
#include "controller/plan/node/node_recipe.h"
#include "controller/plan/view.h"
#include "proto/boot_entry.h"

namespace firesteel::plan {

// How machines reach the bootd that will serve the entry.
struct BootdUrls {
  std::string http;   // "http://10.0.0.1"
  std::string https;
};

struct RecipeInput {
  const api::BareMetalHost& host;
  const api::Cluster& cluster;
  const BootSecret& secret;
  const ClusterPki& pki;
  std::string ca_hash;
  std::string bootd_ca;  // PEM
  NodeTask task = NodeTask::kJoinWorker;  // TaskOf(host, cluster)
  std::vector<ControlPlanePeer> control_planes = {};  // of the cluster
  std::string vip_password = "";
};

NodeRecipe BuildRecipe(const RecipeInput& input, const BootdUrls& urls);

// What `host` will get, with placeholders for what is secret or made when it boots. It is for review, and tells which
// files and units the configuration writes.
NodeRecipe DraftRecipe(const api::BareMetalHost& host, const api::Cluster& cluster,
                       const std::vector<ControlPlanePeer>& control_planes, NodeTask task);

struct InstallInput {
  const api::BareMetalHost& host;
  const api::Cluster& cluster;
  const std::vector<contract::ArtifactStatus>& artifacts;
  std::string http_base_url;  // of the bootd that will serve the image
};

// How to install `node` to the host's disk. kUnavailable while no bootd has verified the image.
Result<InstallRecipe> BuildInstall(NodeRecipe node, const InstallInput& input);

// Without Ignition; `cluster` may be null for a host on hold.
contract::BootEntry BuildEntry(const api::BareMetalHost& host, const api::Cluster* cluster, const DeclareBoot& boot);

}  // namespace firesteel::plan
