#include "controller/plan/boot/artifacts.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/controller/plan/builders.h"

namespace firesteel::plan {
namespace {

TEST(Artifacts, FollowFlatcarsReleaseLayout) {
  api::Cluster cluster = ACluster();
  cluster.spec.os.base_url.clear();
  const OsArtifacts os = OsArtifactsOf(cluster, api::Architecture::kArm64);
  EXPECT_EQ(os.kernel.url, "https://stable.release.flatcar-linux.net/arm64-usr/1.2.3/flatcar_production_pxe.vmlinuz");
  const contract::Artifact image = DiskImageOf(cluster, api::Architecture::kAmd64);
  EXPECT_EQ(image.name, "flatcar/1.2.3/amd64-usr/flatcar_production_image.bin.bz2");
  EXPECT_EQ(image.url, "https://stable.release.flatcar-linux.net/amd64-usr/1.2.3/flatcar_production_image.bin.bz2");
}

// "sha512", "digests" or "signature".
std::string Decides(const contract::Artifact& artifact) {
  if (std::holds_alternative<contract::ExpectedSha512>(artifact.expected)) return "sha512";
  if (const auto* digests = std::get_if<contract::ExpectedFromDigests>(&artifact.expected)) {
    EXPECT_EQ(digests->url, artifact.url + ".DIGESTS");
    return "digests";
  }
  EXPECT_EQ(std::get<contract::ExpectedSignature>(artifact.expected).url, artifact.url + ".sig");
  return "signature";
}

TEST(Artifacts, AreVerifiedByWhatTheUserPinnedElseByASignatureWhereThereIsOne) {
  api::Cluster cluster = ACluster();  // with a mirror of its own
  const auto decides = [&] {
    const OsArtifacts os = OsArtifactsOf(cluster, api::Architecture::kAmd64);
    return Decides(os.kernel) + " " + Decides(os.initrd) + " " + Decides(DiskImageOf(cluster, api::Architecture::kAmd64));
  };
  EXPECT_EQ(decides(), "digests digests signature");
  cluster.spec.os.keyring_from.name = "keys";
  EXPECT_EQ(decides(), "signature signature signature");
  cluster.spec.os.keyring_from.name.clear();
  cluster.spec.os.base_url.clear();
  EXPECT_EQ(decides(), "signature signature signature");
  cluster.spec.os.kernel_sha512 = cluster.spec.os.initrd_sha512 = cluster.spec.os.image_sha512 = "abc";
  EXPECT_EQ(decides(), "sha512 sha512 sha512");
}

TEST(Artifacts, ClustersThatMeanDifferentFilesNeverShareAName) {
  const auto name = [](const auto& change) {
    api::Cluster cluster = ACluster();
    cluster.spec.os.base_url.clear();
    change(cluster);
    return OsArtifactsOf(cluster, api::Architecture::kAmd64).kernel.name;
  };
  const std::set<std::string> names = {
      name([](api::Cluster&) {}),
      name([](api::Cluster& c) { c.spec.os.base_url = "http://mirror"; }),
      name([](api::Cluster& c) { c.spec.os.base_url = "http://other"; }),
      name([](api::Cluster& c) { c.spec.os.kernel_sha512 = std::string(128, 'a'); }),
      name([](api::Cluster& c) { c.spec.os.keyring_from = {"keys", "k"}; }),
      name([](api::Cluster& c) { c.spec.os.keyring_from = {"keys", "k"}; c.metadata.ns = "elsewhere"; }),
  };
  EXPECT_EQ(names.size(), 6u);
  EXPECT_EQ(names.count("flatcar/1.2.3/amd64-usr/flatcar_production_pxe.vmlinuz"), 1u) << "Flatcar's own, as ever";
  EXPECT_EQ(name([](api::Cluster& c) { c.spec.os.base_url = "http://mirror"; }),
            name([](api::Cluster& c) { c.spec.os.base_url = "http://mirror/"; c.metadata.name = "second"; }));
}

TEST(Artifacts, AFileWithItsChecksumInItsNameIsReadyFromWhereverItCame) {
  api::Cluster cluster = ACluster();
  cluster.spec.sysexts = {{.name = "kubernetes", .url = "http://here/k.raw", .sha256 = std::string(64, 'a')}};
  std::vector<contract::ArtifactStatus> statuses = AllReady(cluster);
  ASSERT_TRUE(JudgeArtifacts(ArtifactsOf(cluster, HostKind{}), statuses).ready);
  for (contract::ArtifactStatus& status : statuses) {
    if (status.name.rfind("sysext/", 0) == 0) status.url = "http://there/k.raw";
  }
  EXPECT_TRUE(JudgeArtifacts(ArtifactsOf(cluster, HostKind{}), statuses).ready);
  statuses[0].url = "http://there/vmlinuz";
  EXPECT_FALSE(JudgeArtifacts(ArtifactsOf(cluster, HostKind{}), statuses).ready);
}

TEST(Artifacts, AreThoseOfEveryKindOfHostEachOnce) {
  const api::Cluster cluster = ACluster();
  const HostKind ram{}, disk{api::Architecture::kAmd64, api::Installation::kDisk};
  EXPECT_EQ(ArtifactsOf(cluster, ram).size(), 2u);
  EXPECT_EQ(ArtifactsOf(cluster, disk).size(), 3u);
  EXPECT_EQ(ArtifactsOf(cluster, std::set<HostKind>{}).size(), 2u);
  EXPECT_EQ(ArtifactsOf(cluster, std::set{ram, disk}).size(), 3u);
  EXPECT_EQ(ArtifactsOf(cluster, std::set{ram, disk, HostKind{api::Architecture::kArm64, api::Installation::kRam}}).size(), 5u);
}

TEST(Artifacts, FlatcarsKeyringIsOneArmoredBlock) {
  const std::string keyring = FlatcarKeyring();
  EXPECT_EQ(keyring.find("-----BEGIN PGP PUBLIC KEY BLOCK-----"), 0u);
  EXPECT_NE(keyring.find("-----END PGP PUBLIC KEY BLOCK-----"), std::string::npos);
  const std::vector<contract::Artifact> signed_files = WithKeyring(ArtifactsOf(ACluster(), HostKind{api::Architecture::kAmd64, api::Installation::kDisk}), keyring);
  EXPECT_EQ(std::get<contract::ExpectedSignature>(signed_files[2].expected).keyring, keyring);
}

TEST(Artifacts, SayTheFirstThingThatIsMissingAndHowFarItIs) {
  const api::Cluster cluster = ACluster();
  std::vector<contract::ArtifactStatus> statuses = AllReady(cluster);
  EXPECT_TRUE(JudgeArtifacts(ArtifactsOf(cluster, HostKind{}), statuses).ready);
  statuses[1].state = contract::ArtifactState::kDownloading;
  statuses[1].bytes_done = 57;
  statuses[1].bytes_total = 100;
  const ArtifactVerdict verdict = JudgeArtifacts(ArtifactsOf(cluster, HostKind{}), statuses);
  EXPECT_FALSE(verdict.ready);
  EXPECT_NE(verdict.message.find("50 %"), std::string::npos) << verdict.message;
}

TEST(Artifacts, AWrongChecksumOutweighsWhatIsOnlyMissing) {
  const api::Cluster cluster = ACluster();
  std::vector<contract::ArtifactStatus> statuses = AllReady(cluster);
  statuses[0].state = contract::ArtifactState::kPending;
  statuses[1].state = contract::ArtifactState::kChecksumMismatch;
  statuses[1].error = "wrong checksum: expected a, got b";
  const ArtifactVerdict verdict = JudgeArtifacts(ArtifactsOf(cluster, HostKind{}), statuses);
  EXPECT_TRUE(verdict.mismatch);
  EXPECT_NE(verdict.message.find("expected a, got b"), std::string::npos);
}

TEST(Artifacts, AStatusOfAnotherUrlDoesNotCount) {
  const api::Cluster cluster = ACluster();
  std::vector<contract::ArtifactStatus> statuses = AllReady(cluster);
  statuses[0].url = "http://elsewhere";
  EXPECT_FALSE(JudgeArtifacts(ArtifactsOf(cluster, HostKind{}), statuses).ready);
}

}  // namespace
}  // namespace firesteel::plan
