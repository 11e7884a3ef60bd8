#include "tests/support/workload.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/encoding.h"

namespace firesteel::test {

using nlohmann::json;

json Workload::Endpoint() const { return {{"controlPlaneEndpoint", {{"host", "127.0.0.1"}, {"port", port_}}}}; }

void Workload::Start(Lab& lab) {
  const Result<json> secret = lab.client().Get(kube::kSecrets, {lab.ns(), "demo-ca"});
  ASSERT_TRUE(secret.ok()) << secret.error().message;
  const auto field = [&](const char* name) { return *Base64Decode(secret->at("data").at(name).get<std::string>()); };
  server_ = KubeApiServer::Start({.ca = pki::KeyPair{field("tls.crt"), field("tls.key")}, .port = port_});
  client_ = server_->NewClient();
}

void Workload::Join(const std::string& name) {
  const json node = {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", name}, {"labels", {{"node-role.kubernetes.io/control-plane", ""}}}}}};
  ASSERT_TRUE(client_->Create(kube::kNodes, "", node).ok());
  SetReady(name, "True");
}

void Workload::SetReady(const std::string& name, const char* ready) {
  const json status = {{"status", {{"conditions", json::array({{{"type", "Ready"}, {"status", ready}, {"reason", "Test"}}})},
                                   {"addresses", json::array({{{"type", "InternalIP"}, {"address", "10.0.0.9"}}})}}}};
  const Result<std::string> patched = client_->MergePatch(kube::kNodes, {"", name}, kube::Subresource::kStatus, status);
  ASSERT_TRUE(patched.ok()) << patched.error().message;
}

}  // namespace firesteel::test
