// The Kubernetes API as the rest of the controller sees it. Bodies are JSON trees, without metadata.managedFields and
// without kubectl's last-applied-configuration: no code here reads them, and they are most of an object. Errors are values:
// 404 kNotFound, 409 kConflict (kAlreadyExists on create), 410 kOutOfRange, 422 kInvalidArgument,
// 401/403 kUnauthenticated/kPermissionDenied, 429 and 5xx and no connection are retryable.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "controller/api/object.h"

namespace firesteel::kube {

// Where a kind lives: {"firesteel.dev", "v1alpha1", "baremetalhosts"}; group "" = core.
struct Resource {
  std::string group;
  std::string version;
  std::string plural;
  bool operator==(const Resource&) const = default;
};

inline const Resource kBareMetalHosts{"firesteel.dev", "v1alpha1", "baremetalhosts"};
inline const Resource kClusters{"firesteel.dev", "v1alpha1", "clusters"};
inline const Resource kConfigMaps{"", "v1", "configmaps"};
inline const Resource kSecrets{"", "v1", "secrets"};
inline const Resource kEvents{"", "v1", "events"};
inline const Resource kNodes{"", "v1", "nodes"};
inline const Resource kPods{"", "v1", "pods"};
inline const Resource kLeases{"coordination.k8s.io", "v1", "leases"};

enum class Subresource { kNone, kStatus };

struct ListOptions {
  std::string ns;               // "" = all namespaces (or a cluster-scoped resource)
  std::string label_selector;
  std::string resource_version;  // "" = most recent; "0" = any the server has cached
  int limit = 500;               // page size
  std::string continue_token;
  std::string field_selector = "";  // "spec.nodeName=node1"
};

struct ObjectPage {
  std::vector<nlohmann::json> items;  // complete objects (apiVersion and kind may be missing)
  std::string resource_version;
  std::string continue_token;  // "" = last page
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark };

struct WatchEvent {
  WatchEventType type = WatchEventType::kAdded;
  nlohmann::json object;
};

struct WatchOptions {
  std::string ns;
  std::string label_selector;
  std::string resource_version;
  // The server ends the watch after this. That is the sign of life: a connection that a load balancer or a NAT has
  // forgotten stays open here and brings nothing. Bookmarks are no sign: a server sends them when it likes.
  int timeout_seconds = 60;
  std::chrono::seconds slack{15};  // beyond timeout_seconds, without a byte: the connection is given up
};

// Implementations are thread-safe; calls block.
class Client {
 public:
  virtual ~Client() = default;

  virtual Result<nlohmann::json> Get(const Resource& resource, const api::ObjectKey& key) = 0;
  virtual Result<ObjectPage> List(const Resource& resource, const ListOptions& options) = 0;
  // Blocks until the watch ends: success when the server closed it in order, an Error otherwise
  // (kOutOfRange: list again; kUnavailable: it broke, or was silent for longer than `options` allow). `on_event` runs
  // on this thread.
  virtual Status Watch(const Resource& resource, const WatchOptions& options,
                       const std::function<void(WatchEvent)>& on_event, std::stop_token stop) = 0;
  virtual Result<nlohmann::json> Create(const Resource& resource, const std::string& ns,
                                        const nlohmann::json& object) = 0;
  // RFC 7386 merge patch. A metadata.resourceVersion inside `patch` makes it conditional (kConflict).
  // The answer is the object's new metadata.resourceVersion.
  virtual Result<std::string> MergePatch(const Resource& resource, const api::ObjectKey& key,
                                         Subresource subresource, const nlohmann::json& patch) = 0;
  virtual Status Delete(const Resource& resource, const api::ObjectKey& key) = 0;
};

}  // namespace firesteel::kube
