#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/butane/data_url.h"
#include "controller/butane/go_text.h"
#include "controller/butane/go_url.h"
#include "controller/butane/validate_rules.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

constexpr char kUnparsable[] = "unable to parse url";

std::string VersionIdProblem(const GoUrl& url) {
  const std::vector<std::string> ids = url.Query("versionId");
  return !ids.empty() && ids[0].empty() ? "invalid S3 object VersionId" : "";
}

std::string ArnProblem(const GoUrl& url) {
  constexpr char kInvalid[] = "invalid S3 ARN format";
  const std::string arn = url.scheme + ":" + url.opaque;
  std::vector<std::string> parts{""};
  for (const char c : arn) {
    if (c == ':' && parts.size() < 6) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  const auto slashes = std::count(arn.begin(), arn.end(), '/');
  if (parts.size() < 6 || parts[2] != "s3") return kInvalid;
  const bool access_point = parts[5].rfind("accesspoint/", 0) == 0;
  if (slashes < (access_point ? 2 : 1)) return kInvalid;
  return VersionIdProblem(url);
}

std::string RequiredSourceProblem(Spec spec, const json& resource) {
  const std::string source = StringAt(resource, "source");
  return source.empty() ? "source is required" : UrlProblem(spec, source);
}

std::string HeadersProblem(const json& resource) {
  if (ListAt(resource, "httpHeaders").empty()) return "";
  const std::string source = StringAt(resource, "source");
  const auto url = ParseGoUrl(source);
  if (source.empty() || !url) return kUnparsable;
  const bool is_web = url->scheme == "http" || url->scheme == "https";
  return is_web ? "" : "cannot use HTTP headers with this source scheme";
}

void CheckResource(const Subject& s, Report& report) {
  const std::string compression = StringAt(s.value, "compression");
  if (!compression.empty() && compression != "gzip")
    report.Error(s.path / "compression", "invalid compression method");
  const bool has_hash = FindField(ObjectAt(s.value, "verification"), "hash") != nullptr;
  if (has_hash && FindField(s.value, "source") == nullptr) {
    report.Error(s.path / "verification" / "hash",
                 "source must be specified if verification is specified");
  }
  report.Error(s.path / "source", OptionalUrlProblem(s.spec, StringAt(s.value, "source")));
  report.Error(s.path / "httpHeaders", HeadersProblem(s.value));
}

void CheckHeader(const Subject& s, Report& report) {
  if (StringAt(s.value, "name").empty())
    report.Error(s.path / "name", "HTTP header name can't be empty");
  const json* value = FindField(s.value, "value");
  if (value != nullptr && *value == "")
    report.Error(s.path / "value", "unable to parse HTTP header");
}

std::string HashProblem(const std::string& hash) {
  const size_t dash = hash.find('-');
  if (dash == std::string::npos) return "malformed hash specifier";
  const std::string function = hash.substr(0, dash);
  if (function != "sha512" && function != "sha256") return "unrecognized hash function";
  const size_t digits = function == "sha512" ? 128 : 64;
  return hash.size() - dash - 1 == digits ? "" : "incorrect size for hash sum";
}

void CheckVerification(const Subject& s, Report& report) {
  const json* hash = FindField(s.value, "hash");
  if (hash != nullptr) report.Error(s.path / "hash", HashProblem(hash->get<std::string>()));
}

void CheckMerge(const Subject& s, Report& report) {
  const json& merge = ListAt(s.value, "merge");
  for (size_t i = 0; i < merge.size(); ++i)
    report.Error(s.path / "merge" / i, RequiredSourceProblem(s.spec, merge[i]));
}

void CheckTls(const Subject& s, Report& report) {
  const json& all = ListAt(s.value, "certificateAuthorities");
  for (size_t i = 0; i < all.size(); ++i) {
    report.Error(s.path / "certificateAuthorities" / i, RequiredSourceProblem(s.spec, all[i]));
  }
}

void CheckProxyUrl(const Subject& s, const char* field, bool plain_is_fine, Report& report) {
  const json* value = FindField(s.value, field);
  if (value == nullptr) return;
  const auto url = ParseGoUrl(value->get<std::string>());
  if (!url) {
    report.Error(s.path / field, kUnparsable);
  } else if (url->scheme != "https" && url->scheme != "http") {
    report.Error(s.path / field, "proxies must be http(s)");
  } else if (url->scheme == "http" && !plain_is_fine) {
    report.Warn(s.path / field, "insecure plaintext HTTP proxy specified for HTTPS resources");
  }
}

void CheckProxy(const Subject& s, Report& report) {
  CheckProxyUrl(s, "httpProxy", true, report);
  CheckProxyUrl(s, "httpsProxy", false, report);
}

}  // namespace

std::string UrlProblem(Spec spec, const std::string& text) {
  const auto url = ParseGoUrl(text);
  if (!url) return kUnparsable;
  for (const char* scheme : {"http", "https", "tftp", "gs"}) {
    if (url->scheme == scheme) return "";
  }
  if (url->scheme == "s3") return VersionIdProblem(*url);
  if (url->scheme == "arn" && spec != Spec::k33) return ArnProblem(*url);
  if (url->scheme == "data") return DecodeDataUrl(text, nullptr);
  return "invalid url scheme";
}

Rule ResourceRule(const std::string& type) {
  if (type == "Resource") return CheckResource;
  if (type == "HTTPHeader") return CheckHeader;
  if (type == "Verification") return CheckVerification;
  if (type == "IgnitionConfig") return CheckMerge;
  if (type == "TLS") return CheckTls;
  return type == "Proxy" ? CheckProxy : nullptr;
}

}  // namespace firesteel::butane
