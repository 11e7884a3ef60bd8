#include "controller/plan/artifacts.h"

#include <gtest/gtest.h>

#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

TEST(Artifacts, FollowFlatcarsReleaseLayout) {
  api::Cluster cluster = ACluster();
  cluster.spec.os.base_url.clear();
  const OsArtifacts os = OsArtifactsOf(cluster, api::Architecture::kArm64);
  EXPECT_EQ(os.kernel.url, "https://stable.release.flatcar-linux.net/arm64-usr/1.2.3/flatcar_production_pxe.vmlinuz");
  EXPECT_EQ(std::get<contract::ExpectedFromDigests>(os.initrd.expected).url, os.initrd.url + ".DIGESTS");
  cluster.spec.os.kernel_sha512 = "abc";
  EXPECT_EQ(std::get<contract::ExpectedSha512>(OsArtifactsOf(cluster, api::Architecture::kAmd64).kernel.expected).hex, "abc");
}

TEST(Artifacts, SayTheFirstThingThatIsMissingAndHowFarItIs) {
  const api::Cluster cluster = ACluster();
  std::vector<contract::ArtifactStatus> statuses = AllReady(cluster);
  EXPECT_TRUE(JudgeArtifacts(cluster, api::Architecture::kAmd64, statuses).ready);
  statuses[1].state = contract::ArtifactState::kDownloading;
  statuses[1].bytes_done = 57;
  statuses[1].bytes_total = 100;
  const ArtifactVerdict verdict = JudgeArtifacts(cluster, api::Architecture::kAmd64, statuses);
  EXPECT_FALSE(verdict.ready);
  EXPECT_NE(verdict.message.find("50 %"), std::string::npos) << verdict.message;
}

TEST(Artifacts, AWrongChecksumOutweighsWhatIsOnlyMissing) {
  const api::Cluster cluster = ACluster();
  std::vector<contract::ArtifactStatus> statuses = AllReady(cluster);
  statuses[0].state = contract::ArtifactState::kPending;
  statuses[1].state = contract::ArtifactState::kChecksumMismatch;
  statuses[1].error = "wrong checksum: expected a, got b";
  const ArtifactVerdict verdict = JudgeArtifacts(cluster, api::Architecture::kAmd64, statuses);
  EXPECT_TRUE(verdict.mismatch);
  EXPECT_NE(verdict.message.find("expected a, got b"), std::string::npos);
}

TEST(Artifacts, AStatusOfAnotherUrlDoesNotCount) {
  const api::Cluster cluster = ACluster();
  std::vector<contract::ArtifactStatus> statuses = AllReady(cluster);
  statuses[0].url = "http://elsewhere";
  EXPECT_FALSE(JudgeArtifacts(cluster, api::Architecture::kAmd64, statuses).ready);
}

}  // namespace
}  // namespace firesteel::plan
