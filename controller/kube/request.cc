#include "controller/kube/request.h"

#include <nlohmann/json.hpp>

#include "base/encoding.h"
#include "base/json_text.h"

namespace firesteel::kube {
namespace {

std::string CollectionPath(const Resource& resource, const std::string& ns) {
  std::string path = resource.group.empty() ? "/api/" + resource.version
                                            : "/apis/" + resource.group + "/" + resource.version;
  if (!ns.empty()) path += "/namespaces/" + PercentEncode(ns);
  return path + "/" + resource.plural;
}

std::string ObjectPath(const Resource& resource, const api::ObjectKey& key) {
  return CollectionPath(resource, key.ns) + "/" + PercentEncode(key.name);
}

class Query {
 public:
  void Add(const char* name, const std::string& value) {
    if (value.empty()) return;
    text_ += text_.empty() ? "?" : "&";
    text_ += name;
    text_ += "=" + PercentEncode(value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace

HttpRequest GetRequest(const Resource& resource, const api::ObjectKey& key) {
  return {"GET", ObjectPath(resource, key), "", ""};
}

HttpRequest ListRequest(const Resource& resource, const ListOptions& options) {
  Query query;
  query.Add("limit", std::to_string(options.limit));
  query.Add("labelSelector", options.label_selector);
  query.Add("fieldSelector", options.field_selector);
  query.Add("continue", options.continue_token);
  // A continued list carries its resourceVersion inside the token; giving both is refused.
  if (options.continue_token.empty()) query.Add("resourceVersion", options.resource_version);
  return {"GET", CollectionPath(resource, options.ns) + query.text(), "", ""};
}

HttpRequest WatchRequest(const Resource& resource, const WatchOptions& options) {
  Query query;
  query.Add("watch", "1");
  query.Add("allowWatchBookmarks", "true");
  query.Add("timeoutSeconds", std::to_string(options.timeout_seconds));
  query.Add("labelSelector", options.label_selector);
  query.Add("resourceVersion", options.resource_version);
  return {"GET", CollectionPath(resource, options.ns) + query.text(), "", ""};
}

HttpRequest CreateRequest(const Resource& resource, const std::string& ns,
                          const nlohmann::json& object) {
  return {"POST", CollectionPath(resource, ns), "application/json", ToText(object)};
}

HttpRequest MergePatchRequest(const Resource& resource, const api::ObjectKey& key,
                              Subresource subresource, const nlohmann::json& patch) {
  const char* suffix = subresource == Subresource::kStatus ? "/status" : "";
  return {"PATCH", ObjectPath(resource, key) + suffix, "application/merge-patch+json", ToText(patch)};
}

HttpRequest DeleteRequest(const Resource& resource, const api::ObjectKey& key) {
  return {"DELETE", ObjectPath(resource, key), "", ""};
}

}  // namespace firesteel::kube
