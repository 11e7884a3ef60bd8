#include "controller/render/proxy.h"

#include <algorithm>
#include <sstream>

#include "node_files.h"

namespace firesteel::render {
namespace {

constexpr char kDropin[] = "10-firesteel-proxy.conf";

// The host of a URL, an IPv6 address without its brackets: "10.0.0.1" of "https://10.0.0.1:8443/report/…".
std::string HostOf(const std::string& url) {
  const size_t scheme = url.find("://");
  const size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  if (url[begin] == '[') return url.substr(begin + 1, url.find(']', begin) - begin - 1);
  return url.substr(begin, url.find_first_of(":/", begin) - begin);
}

// Programs differ in whether they read a variable in capitals or not.
std::string Variable(const char* capitals, const char* small, const std::string& value) {
  return std::string(capitals) + "=" + value + "\n" + small + "=" + value + "\n";
}

// "10.244.0.0/16,fd01::/48" is two.
std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
  return parts;
}

std::string ProxyEnv(const plan::NodeRecipe& recipe) {
  std::string text;
  if (!recipe.proxy.http.empty()) text += Variable("HTTP_PROXY", "http_proxy", recipe.proxy.http);
  if (!recipe.proxy.https.empty()) text += Variable("HTTPS_PROXY", "https_proxy", recipe.proxy.https);
  std::string list;
  for (const std::string& place : NoProxy(recipe)) list += (list.empty() ? "" : ",") + place;
  return text + Variable("NO_PROXY", "no_proxy", list);
}

}  // namespace

std::vector<std::string> NoProxy(const plan::NodeRecipe& recipe) {
  std::vector<std::string> places = {"localhost", "127.0.0.0/8", "::1"};
  const auto add = [&](const std::string& place) {
    if (!place.empty() && std::find(places.begin(), places.end(), place) == places.end()) places.push_back(place);
  };
  add(HostOf(recipe.report_url));
  add(recipe.endpoint.host);
  for (const std::string& networks : {recipe.network.pods, recipe.network.services}) {
    for (const std::string& network : SplitAtCommas(networks)) add(network);
  }
  add(".svc");
  add("." + recipe.network.dns_domain);
  for (const api::NetworkInterface& interface : recipe.interfaces) {
    for (const std::string& address : interface.addresses) add(address);
  }
  if (recipe.vip) {
    for (const auto& backend : recipe.vip->backends) add(backend.address);
  }
  for (const std::string& place : recipe.proxy.no_proxy) add(place);
  return places;
}

void AddProxy(const plan::NodeRecipe& recipe, ConfigBuilder& out) {
  out.File("/etc/firesteel/proxy.env", kPublic, ProxyEnv(recipe));
  out.Dropin("kubelet.service", kDropin, node::kProxyConf);
  const bool proxied = !recipe.proxy.http.empty() || !recipe.proxy.https.empty();
  const bool crio = recipe.runtime == api::ContainerRuntime::kCrio;
  if (proxied) out.Dropin(crio ? "crio.service" : "containerd.service", kDropin, node::kProxyConf);
  out.Proxy(recipe.proxy.http, recipe.proxy.https, NoProxy(recipe));
}

}  // namespace firesteel::render
