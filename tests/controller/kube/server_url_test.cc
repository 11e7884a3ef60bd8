#include "controller/kube/server_url.h"

#include <gtest/gtest.h>

#include "controller/kube/connection.h"

namespace firesteel::kube {
namespace {

TEST(ServerUrl, IsTakenApart) {
  const struct { const char* text; ServerUrl url; } rows[] = {
      {"https://10.0.0.1:6443", {"10.0.0.1", "6443", "10.0.0.1:6443", ""}},
      {"https://api.example.com/", {"api.example.com", "443", "api.example.com", ""}},
      {"https://[fd00::1]:6443", {"fd00::1", "6443", "[fd00::1]:6443", ""}},
      {"https://r.example.com/k8s/clusters/c-1/", {"r.example.com", "443", "r.example.com", "/k8s/clusters/c-1"}},
  };
  for (const auto& row : rows) {
    const Result<ServerUrl> url = ParseServerUrl(row.text);
    ASSERT_TRUE(url.ok()) << row.text;
    EXPECT_EQ(*url, row.url) << row.text;
  }
}

TEST(ServerUrl, WithoutTlsOrAHostIsRefused) {
  for (const char* text : {"", "http://10.0.0.1:8001", "10.0.0.1:6443", "https://", "https://:6443", "https://a:port",
                           "https://user@a", "ftp://a"}) {
    EXPECT_EQ(ParseServerUrl(text).error().code, Code::kInvalidArgument) << text;
  }
}

TEST(ServerUrl, WithAPasswordIsNotRepeated) {
  EXPECT_EQ(ParseServerUrl("https://a:secret@b").error().message.find("secret"), std::string::npos);
}

TEST(Kubeconfig, WhoseServerCannotBeUsedSaysSo) {
  const char* text = R"({"current-context": "a", "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
      "clusters": [{"name": "a", "cluster": {"server": "http://127.0.0.1:8001"}}],
      "users": [{"name": "a", "user": {"token": "t"}}]})";
  EXPECT_EQ(ParseKubeconfig(text, ".").error().message,
            "kubeconfig: server http://127.0.0.1:8001: expected https://HOST[:PORT]");
}

}  // namespace
}  // namespace firesteel::kube
