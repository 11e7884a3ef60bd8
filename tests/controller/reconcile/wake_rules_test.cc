// Who reads what of an object.
#include "controller/reconcile/wake_rules.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace firesteel::reconcile {
namespace {

TEST(WakeRules, ASecretSaysWhoseItIs) {
  api::Secret secret;
  secret.metadata.ns = "ns";
  secret.metadata.name = "demo-ca";
  EXPECT_EQ(ReaderOf(secret).kind, SecretKind::kOfNobody);
  secret.metadata.labels[api::kClusterNameLabel] = "demo";
  EXPECT_EQ(ReaderOf(secret).kind, SecretKind::kKeys);
  EXPECT_EQ(ReaderOf(secret).reader, (api::ObjectKey{"ns", "demo"}));
  secret.metadata.name = "demo-kubeconfig";
  EXPECT_EQ(ReaderOf(secret).kind, SecretKind::kOfCluster);
  secret.owner = api::OwnerReference{"", "BareMetalHost", "a", "u"};
  EXPECT_EQ(ReaderOf(secret).kind, SecretKind::kOfHost);
  EXPECT_EQ(ReaderOf(secret).reader, (api::ObjectKey{"ns", "a"}));
}

TEST(WakeRules, NothingThatChangesIsReadByNobody) {
  api::BareMetalHost host;
  host.metadata.name = "a";
  host.spec.cluster = "demo";
  EXPECT_EQ(ReadersOf(&host, &host), HostReaders());
  EXPECT_EQ(ReadersOf(nullptr, &host), (HostReaders{.rivals = true, .cluster = true}));
  EXPECT_EQ(ReadersOf(&host, nullptr), (HostReaders{.rivals = true, .left = true}));
}

TEST(WakeRules, SlicesAreOfAboutOneSize) {
  constexpr size_t kSlices = 24;
  std::vector<int> sizes(kSlices);
  for (int i = 0; i < 2400; ++i) {
    for (size_t slice = 0; slice < kSlices; ++slice) sizes[slice] += IsInSlice({"ns", "host-" + std::to_string(i)}, slice, kSlices) ? 1 : 0;
  }
  EXPECT_LT(*std::max_element(sizes.begin(), sizes.end()), 150);
  EXPECT_GT(*std::min_element(sizes.begin(), sizes.end()), 60);
}

}  // namespace
}  // namespace firesteel::reconcile
