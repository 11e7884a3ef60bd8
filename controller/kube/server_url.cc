#include "controller/kube/server_url.h"

#include <openssl/crypto.h>
#include <openssl/http.h>

#include <algorithm>

namespace firesteel::kube {
namespace {

constexpr std::string_view kScheme = "https://";

// OpenSSL's own, freed.
std::string Take(char* text) {
  const std::string copy = text;
  OPENSSL_free(text);
  return copy;
}

}  // namespace

Result<ServerUrl> ParseServerUrl(const std::string& text) {
  // What has a user may have a password too.
  const std::string shown = text.find('@') == std::string::npos ? text : "with a user";
  const Error unfit = InvalidArgument("server " + shown + ": expected https://HOST[:PORT]");
  if (text.rfind(kScheme, 0) != 0) return unfit;
  char *user = nullptr, *host = nullptr, *port = nullptr, *path = nullptr;
  if (OSSL_HTTP_parse_url(text.c_str(), nullptr, &user, &host, &port, nullptr, &path, nullptr, nullptr) != 1) {
    return unfit;
  }
  const bool has_user = !Take(user).empty();
  ServerUrl url{Take(host), Take(port), text.substr(kScheme.size()), Take(path)};
  if (has_user || url.host.empty()) return unfit;
  url.authority.resize(std::min(url.authority.find_first_of("/?#"), url.authority.size()));
  if (url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
  while (!url.prefix.empty() && url.prefix.back() == '/') url.prefix.pop_back();
  return url;
}

}  // namespace firesteel::kube
