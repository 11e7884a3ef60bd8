#include "controller/plan/node/butane_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

using testing::ElementsAre;

api::ButaneSource Map(const std::string& name) { return {false, name, "node.bu"}; }

api::Cluster Everything() {
  api::Cluster cluster = ACluster();
  cluster.spec.butane = {.all = "all", .control_plane = "cp", .worker = "worker"};
  cluster.spec.butane_from = {.all = {Map("base"), {true, "base", "key"}}, .control_plane = {Map("cp")}, .worker = {Map("worker")}};
  return cluster;
}

std::vector<std::string> WhereOf(const api::Cluster& cluster, const api::BareMetalHost& host) {
  std::vector<std::string> where;
  for (const ButaneText& text : ButaneTextsOf(cluster, host)) where.push_back(text.where);
  return where;
}

TEST(ButaneTexts, TheClustersThenTheRolesThenTheHostsOwnAndTextOverWhatIsNamed) {
  api::BareMetalHost host = AHost("node1", api::Role::kControlPlane);
  host.spec.butane = "host";
  host.spec.butane_from = {Map("rack")};
  const std::string of_host = "BareMetalHost " + host.metadata.name + " spec.butane";
  host.spec.role = api::Role::kControlPlane;
  EXPECT_THAT(WhereOf(Everything(), host),
              ElementsAre("ConfigMap base key node.bu", "Secret base key key", "Cluster demo spec.butane.all", "ConfigMap cp key node.bu",
                          "Cluster demo spec.butane.controlPlane", "ConfigMap rack key node.bu", of_host));
  host.spec.role = api::Role::kWorker;
  EXPECT_THAT(WhereOf(Everything(), host),
              ElementsAre("ConfigMap base key node.bu", "Secret base key key", "Cluster demo spec.butane.all", "ConfigMap worker key node.bu",
                          "Cluster demo spec.butane.worker", "ConfigMap rack key node.bu", of_host));
}

TEST(ButaneTexts, WhatIsEmptyIsNoLayer) { EXPECT_THAT(WhereOf(ACluster(), AHost("node1", api::Role::kWorker)), ElementsAre()); }

}  // namespace
}  // namespace firesteel::plan
