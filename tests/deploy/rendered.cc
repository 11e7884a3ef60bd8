#include "tests/deploy/rendered.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>

#include "controller/api/manifest.h"
#include "tests/support/child_process.h"
#include "tests/support/tools.h"

namespace firesteel::test {

using nlohmann::json;

Output Shell(const std::string& command) {
  Output output;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[65536];
  for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.text.append(buffer, n);
  const int status = pclose(pipe);
  output.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return output;
}

Objects ParseObjects(const std::string& yaml) {
  Objects objects;
  const auto manifests = api::ParseManifests(yaml, "rendered");
  EXPECT_TRUE(manifests.ok()) << manifests.error().message << "\n" << yaml.substr(0, 2000);
  if (!manifests.ok()) return objects;
  for (const api::Manifest& manifest : *manifests) {
    const json& metadata = manifest.object.at("metadata");
    const std::string ns = metadata.value("namespace", "");
    const std::string name = manifest.object.at("kind").get<std::string>() + " " + (ns.empty() ? "" : ns + "/") +
                             metadata.at("name").get<std::string>();
    EXPECT_TRUE(objects.emplace(name, manifest.object).second) << name << " twice";
  }
  return objects;
}

Objects Kustomize(const std::string& folder) {
  const Output output = Shell(ToolPath("kubectl") + " kustomize " FIRESTEEL_SOURCE_DIR "/" + folder);
  EXPECT_EQ(output.status, 0) << output.text;
  return ParseObjects(output.text);
}

Objects Helm(const std::string& options) {
  const Output output = Shell(ToolPath("helm") + " template firesteel " FIRESTEEL_SOURCE_DIR
                            "/deploy/charts/firesteel --namespace firesteel-system --kube-version 1.36.0 " +
                            options + " 2> " + testing::TempDir() + "firesteel-helm.err");
  EXPECT_EQ(output.status, 0) << Shell("cat " + testing::TempDir() + "firesteel-helm.err").text;
  return ParseObjects(output.text);
}

}  // namespace firesteel::test
