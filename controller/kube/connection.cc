#include "controller/kube/connection.h"

#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>

#include "base/encoding.h"
#include "base/file.h"
#include "base/host_port.h"
#include "controller/kube/server_url.h"

namespace firesteel::kube {
namespace {

constexpr char kServiceAccountDir[] = "/var/run/secrets/kubernetes.io/serviceaccount";

std::string Text(const YAML::Node& node, const char* key) {
  const YAML::Node value = node[key];
  return value && value.IsScalar() ? value.Scalar() : "";
}

// The entry called `name` of the list under `list`, or a null node.
YAML::Node Named(const YAML::Node& config, const char* list, const std::string& name) {
  const YAML::Node entries = config[list];
  if (entries && entries.IsSequence()) {
    for (const YAML::Node& entry : entries) {
      if (entry.IsMap() && Text(entry, "name") == name) return entry;
    }
  }
  return YAML::Node();
}

// <key>-data is base64 in the kubeconfig, <key> names a file.
Result<std::string> DataOrFile(const YAML::Node& node, const std::string& key, const std::string& dir) {
  const std::string data = Text(node, (key + "-data").c_str());
  if (!data.empty()) return Base64Decode(data);
  const std::string file = Text(node, key.c_str());
  if (file.empty()) return std::string();
  const std::filesystem::path path(file);
  return ReadFile(path.is_absolute() ? file : dir + "/" + file);
}

Result<ConnectionConfig> FromYaml(const YAML::Node& config, const std::string& dir) {
  const std::string context_name = Text(config, "current-context");
  const YAML::Node context = Named(config, "contexts", context_name)["context"];
  if (!context) return InvalidArgument("kubeconfig: current-context '" + context_name + "' does not exist");
  const YAML::Node cluster = Named(config, "clusters", Text(context, "cluster"))["cluster"];
  if (!cluster) return InvalidArgument("kubeconfig: cluster of context '" + context_name + "' does not exist");
  const YAML::Node user = Named(config, "users", Text(context, "user"))["user"];
  if (!user) return InvalidArgument("kubeconfig: user of context '" + context_name + "' does not exist");
  ConnectionConfig result;
  result.server = Text(cluster, "server");
  result.token = Text(user, "token");
  result.token_file = Text(user, "tokenFile");
  result.default_namespace = Text(context, "namespace");
  const std::pair<std::string*, Result<std::string>> files[] = {
      {&result.ca, DataOrFile(cluster, "certificate-authority", dir)},
      {&result.client_cert, DataOrFile(user, "client-certificate", dir)},
      {&result.client_key, DataOrFile(user, "client-key", dir)}};
  for (const auto& [target, content] : files) {
    if (!content.ok()) return InvalidArgument("kubeconfig: " + content.error().message);
    *target = *content;
  }
  if (result.server.empty()) return InvalidArgument("kubeconfig: the cluster has no server");
  const Result<ServerUrl> url = ParseServerUrl(result.server);
  if (!url.ok()) return InvalidArgument("kubeconfig: " + url.error().message);
  return result;
}

}  // namespace

Result<ConnectionConfig> ParseKubeconfig(const std::string& text, const std::string& base_dir) {
  try {
    const YAML::Node config = YAML::Load(text);
    if (!config.IsMap()) return InvalidArgument("kubeconfig: expected a mapping");
    return FromYaml(config, base_dir);
  } catch (const YAML::Exception& e) {
    return InvalidArgument(std::string("kubeconfig: ") + e.what());
  }
}

Result<ConnectionConfig> LoadKubeconfig(const std::string& path) {
  const Result<std::string> text = ReadFile(path);
  if (!text.ok()) return text.error();
  return ParseKubeconfig(*text, std::filesystem::path(path).parent_path().string());
}

Result<ConnectionConfig> InClusterConfig() {
  const char* host = std::getenv("KUBERNETES_SERVICE_HOST");
  const char* port = std::getenv("KUBERNETES_SERVICE_PORT");
  if (host == nullptr || port == nullptr) {
    return NotFound("not in a pod (KUBERNETES_SERVICE_HOST is not set): pass --kubeconfig FILE");
  }
  const std::string dir = kServiceAccountDir;
  const Result<std::string> ca = ReadFile(dir + "/ca.crt");
  if (!ca.ok()) return ca.error();
  const Result<std::string> ns = ReadFile(dir + "/namespace");
  ConnectionConfig result;
  result.server = "https://" + HostPort(host, port);
  result.ca = *ca;
  result.token_file = dir + "/token";
  if (ns.ok()) result.default_namespace = *ns;
  return result;
}

}  // namespace firesteel::kube
