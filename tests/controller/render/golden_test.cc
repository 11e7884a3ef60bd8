// What each kind of node gets, as files to review: tests/golden/<case>/. To accept a change:
//   FIRESTEEL_UPDATE_GOLDEN=1 ctest -R controller_render_test
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "controller/render/ignition.h"
#include "controller/render/kubeadm.h"
#include "listing.h"
#include "recipes.h"

namespace firesteel::render {
namespace {

class Golden : public testing::TestWithParam<Case> {
 protected:
  static void ExpectGolden(const std::string& name, const std::string& content) {
    const std::string path = std::string(FIRESTEEL_SOURCE_DIR "/tests/golden/") + GetParam().name + "/" + name;
    if (std::getenv("FIRESTEEL_UPDATE_GOLDEN") != nullptr) {
      std::filesystem::create_directories(std::filesystem::path(path).parent_path());
      ASSERT_TRUE(WriteFileAtomically(path, content, 0644).ok()) << path;
    }
    const Result<std::string> want = ReadFile(path);
    ASSERT_TRUE(want.ok()) << want.error().message;
    EXPECT_EQ(content, *want) << path;
  }
};

TEST_P(Golden, KubeadmConfig) { ExpectGolden("kubeadm.yaml", KubeadmConfig(GetParam().recipe)); }

TEST_P(Golden, Node) { ExpectGolden("node.txt", Listing(IgnitionConfig(GetParam().recipe))); }

INSTANTIATE_TEST_SUITE_P(All, Golden, testing::ValuesIn(Cases()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace firesteel::render
