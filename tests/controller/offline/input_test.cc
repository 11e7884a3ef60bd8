#include "controller/offline/input.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"

namespace firesteel::offline {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHost = "apiVersion: firesteel.dev/v1alpha1\nkind: BareMetalHost\nmetadata: {name: n1}\nspec: {bootMACAddress: '52:54:00:77:00:01'";
const std::string kCluster = "apiVersion: firesteel.dev/v1alpha1\nkind: Cluster\nmetadata: {name: demo}\nspec: {kubernetesVersion: v1.36.3, os: {version: 4459.2.1}, "
                             "controlPlaneEndpoint: {host: 10.0.0.11}";

Input LoadText(const std::string& text) {
  const std::string file = testing::TempDir() + "firesteel-input-" + RandomHex(4) + ".yaml";
  EXPECT_TRUE(WriteFileAtomically(file, text, 0600).ok());
  Input input = Load({file});
  std::filesystem::remove(file);
  return input;
}

TEST(Input, NamesFileLineObjectFieldValueAndExpectation) {
  const Input input = LoadText("# a comment\n---\n" + kHost + ", hostname: Bad}\n");
  EXPECT_THAT(input.problems, ElementsAre(AllOf(HasSubstr(".yaml:3: BareMetalHost n1: spec.hostname: 'Bad': expected lower-case letters"))));
}

TEST(Input, LosesNoObjectWithoutAWord) {
  const struct { std::string text; const char* says; } rows[] = {
      {"kind: Cluster\n", "apiVersion: is required"},
      {"apiVersion: firesteel.dev/v1alpha1\n", "kind: is required"},
      {"apiVersion: firesteel.dev/v1beta9\nkind: Cluster\nmetadata: {name: a}\n", "expected firesteel.dev/v1alpha1"},
      {"apiVersion: firesteel.dev/v1alpha1\nkind: Clusters\nmetadata: {name: a}\n", "expected BareMetalHost or Cluster"},
      {kHost + "}\n---\n" + kHost + "}\n", "BareMetalHost n1 stands already at"},
      {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: firesteel.dev/v1alpha1, kind: Cluster, metadata: {name: a}}\n", "Cluster a: spec: is required"},
      {"word", "expected a Kubernetes object"}};
  for (const auto& row : rows) {
    const Input input = LoadText(row.text);
    ASSERT_FALSE(input.problems.empty()) << row.text;
    EXPECT_THAT(input.problems.front(), HasSubstr(row.says)) << row.text;
  }
  EXPECT_THAT(LoadText("apiVersion: cluster.x-k8s.io/v1beta1\nkind: Cluster\nmetadata: {name: a}\n").problems, IsEmpty()) << "another program's";
}

TEST(Input, HoldsAHostsAddressesAgainstTheNetworksOfItsCluster) {
  const std::string host = kHost + ", clusterRef: {name: demo}, network: {interfaces: [{name: eth0, addresses: [10.0.0.11/24]}]}}\n";
  EXPECT_THAT(LoadText(kCluster + "}\n---\n" + host).problems, IsEmpty());
  EXPECT_THAT(LoadText(kCluster + ", clusterNetwork: {pods: 10.1.0.0/16}}\n---\n" + host).problems, IsEmpty());
  const Input input = LoadText(kCluster + ", clusterNetwork: {pods: 10.0.0.0/24}}\n---\n" + host);
  EXPECT_THAT(input.problems, testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace firesteel::offline
