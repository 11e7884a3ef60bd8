// Kubernetes API calls as HTTP requests: values, so that tests can read them.
// https://kubernetes.io/docs/reference/using-api/api-concepts/
#pragma once

#include <string>

#include "controller/kube/client.h"

namespace firesteel::kube {

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // path and query, percent-encoded
  std::string content_type;  // "" = no body
  std::string body;

  bool operator==(const HttpRequest&) const = default;
};

HttpRequest GetRequest(const Resource& resource, const api::ObjectKey& key);
HttpRequest ListRequest(const Resource& resource, const ListOptions& options);
HttpRequest WatchRequest(const Resource& resource, const WatchOptions& options);
HttpRequest CreateRequest(const Resource& resource, const std::string& ns, const nlohmann::json& object);
HttpRequest MergePatchRequest(const Resource& resource, const api::ObjectKey& key,
                              Subresource subresource, const nlohmann::json& patch);
HttpRequest DeleteRequest(const Resource& resource, const api::ObjectKey& key);

}  // namespace firesteel::kube
