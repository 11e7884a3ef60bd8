#include "controller/pki/admin_kubeconfig.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/json_text.h"

namespace firesteel::pki {

using nlohmann::json;

Result<std::string> AdminKubeconfig(const std::string& cluster, const std::string& server,
                                    const KeyPair& ca, WallTime now) {
  const Result<KeyPair> leaf = IssueLeaf(
      ca, {.common_name = "kubernetes-admin", .organization = "system:masters", .server_names = {}}, now);
  if (!leaf.ok()) return leaf.error();
  const std::string user = cluster + "-admin";
  const std::string context = user + "@" + cluster;
  const json config = {
      {"apiVersion", "v1"},
      {"kind", "Config"},
      {"clusters",
       {{{"name", cluster},
         {"cluster", {{"server", server}, {"certificate-authority-data", Base64Encode(ca.certificate)}}}}}},
      {"users",
       {{{"name", user},
         {"user",
          {{"client-certificate-data", Base64Encode(leaf->certificate)},
           {"client-key-data", Base64Encode(leaf->key)}}}}}},
      {"contexts", {{{"name", context}, {"context", {{"cluster", cluster}, {"user", user}}}}}},
      {"current-context", context}};
  return ToText(config, 2) + "\n";
}

}  // namespace firesteel::pki
