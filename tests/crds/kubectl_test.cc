// ParseManifests() reads YAML as the real kubectl does.
#include <gtest/gtest.h>

#include <cstdio>

#include "base/file.h"
#include "controller/api/manifest.h"
#include "controller/api/validate.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

const std::string kRoot = FIRESTEEL_SOURCE_DIR;

std::string OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  char buffer[4096];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.append(buffer, n);
  pclose(pipe);
  return output;
}

TEST(ParseManifests, TypesScalarsAsKubectlDoes) {
  FIRESTEEL_NEED_TOOL("kubectl");
  const std::string yaml = R"(
apiVersion: firesteel.dev/v1alpha1
kind: Cluster
metadata: {name: x}
spec:
  words: [yes, no, on, off, y, n, Y, N, Yes, OFF, "yes", 'on', true, True, TRUE, tRUE, "true", nothing, =]
  numbers: [010, 0x1F, -0x1F, 0o17, 0b11, 1_000, 1e3, 1.5, .5, +1, -1, 1., 1e, 08, -0, +.5, 0.10, 0x, 0b2, "5", 1__0, ., -, +, e3, 0x1G, 1.2.3]
  others: [4459.2.1, v1.36.3, 12:30:45, 2001-01-01, 52:54:00:77:00:01, null, ~, Null, NULL, nULL, "", '', !!str 5, !!int "5", !mine 5]
  block: |
    5
  folded: >
    yes
  anchor: &a {k: v, l: w}
  alias: *a
  merged: {<<: *a, k: other}
  on: key
  99: key
  empty:
)";
  const std::string file = testing::TempDir() + "firesteel-kubectl.yaml";
  ASSERT_TRUE(WriteFileAtomically(file, yaml, 0600).ok());
  const std::string output = OutputOf(ToolPath("kubectl") + " label --local -o json -f " + file + " a=b");
  const json kubectl = json::parse(output, nullptr, false);
  ASSERT_TRUE(kubectl.is_object()) << output;
  const auto ours = api::ParseManifests(yaml, "x.yaml");
  ASSERT_TRUE(ours.ok()) << ours.error().message;
  for (const auto& [key, value] : kubectl.at("spec").items()) {
    ASSERT_TRUE(ours->front().object.at("spec").contains(key)) << key;
    EXPECT_EQ(ours->front().object.at("spec").at(key), value) << key;
  }
  EXPECT_EQ(ours->front().object.at("spec").size(), kubectl.at("spec").size());
}

TEST(Samples, AreValid) {
  const struct { const char* file; size_t objects; } samples[] = {
      {"quickstart/cluster.yaml", 3}, {"ha/cluster.yaml", 1}, {"ha/hosts.yaml", 5}};
  for (const auto& sample : samples) {
    const std::string file = kRoot + "/deploy/samples/" + sample.file;
    const auto manifests = api::ParseManifests(ReadFile(file).value(), file);
    ASSERT_TRUE(manifests.ok()) << manifests.error().message;
    EXPECT_EQ(manifests->size(), sample.objects) << file;
    for (const api::Manifest& manifest : *manifests) {
      for (const Error& error : api::Validate(manifest.object)) ADD_FAILURE() << manifest.origin << ": " << error.message;
    }
  }
}

}  // namespace
}  // namespace firesteel::test
