#include "tests/support/kubectl.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "tests/support/tools.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

json One(const char* name, const json& thing) { return json::array({{{"name", "m"}, {name, thing}}}); }

}  // namespace

Kubectl::Kubectl(const kube::ConnectionConfig& config, const std::string& ns)
    : dir_(testing::TempDir() + "firesteel-kubectl-" + RandomHex(4)) {
  std::filesystem::create_directories(dir_ + "/bin");
  std::filesystem::create_symlink(ToolPath("kubectl"), dir_ + "/bin/kubectl");
  const json kubeconfig = {
      {"apiVersion", "v1"},
      {"kind", "Config"},
      {"clusters", One("cluster", {{"server", config.server}, {"certificate-authority-data", Base64Encode(config.ca)}})},
      {"users", One("user", {{"client-certificate-data", Base64Encode(config.client_cert)},
                             {"client-key-data", Base64Encode(config.client_key)}})},
      {"contexts", One("context", {{"cluster", "m"}, {"user", "m"}, {"namespace", ns}})},
      {"current-context", "m"}};
  EXPECT_TRUE(WriteFileAtomically(dir_ + "/kubeconfig", kubeconfig.dump(), 0600).ok());
}

Kubectl::~Kubectl() { std::filesystem::remove_all(dir_); }

std::string Kubectl::CommandOf(const std::string& arguments) const {
  return "env HOME=" + dir_ + " KUBECONFIG=" + dir_ + "/kubeconfig PATH=" + dir_ + "/bin:" + FIRESTEEL_SOURCE_DIR +
         "/deploy:$PATH kubectl " + arguments;
}

Finished Kubectl::operator()(const std::string& arguments) const { return RunShell(CommandOf(arguments)); }

}  // namespace firesteel::test
