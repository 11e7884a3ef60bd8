#include "tests/support/fake_machine.h"

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/crypto.h"
#include "base/encoding.h"
#include "tests/support/child_process.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

size_t Append(char* data, size_t size, size_t count, void* body) {
  static_cast<std::string*>(body)->append(data, size * count);
  return size * count;
}

HttpAnswer Ask(const std::string& url, const std::string& bearer, const std::string& ca_pem, const std::string* body) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
  HttpAnswer answer;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  curl_blob ca{const_cast<char*>(ca_pem.data()), ca_pem.size(), CURL_BLOB_NOCOPY};
  if (!ca_pem.empty()) curl_easy_setopt(curl.get(), CURLOPT_CAINFO_BLOB, &ca);
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, curl_slist_free_all);
  if (!bearer.empty()) headers.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + bearer).c_str()));
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  if (body != nullptr) curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body->c_str());
  if (curl_easy_perform(curl.get()) != CURLE_OK) return {};
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

// RFC 2397, without percent-encoding.
std::string DataUrl(const std::string& url) {
  const std::string data = url.substr(url.find(',') + 1);
  return url.find(";base64,") == std::string::npos ? data : *Base64Decode(data);
}

// The value of NAME='value' in node.env.
std::string EnvValue(const std::string& env, const std::string& name) {
  const size_t at = ("\n" + env).find("\n" + name + "='");
  if (at == std::string::npos) return "";
  const size_t start = at + name.size() + 2;
  return env.substr(start, env.find('\'', start) - start);
}

}  // namespace

HttpAnswer HttpGet(const std::string& url, const std::string& bearer, const std::string& ca_pem) {
  return Ask(url, bearer, ca_pem, nullptr);
}
HttpAnswer HttpPost(const std::string& url, const std::string& bearer, const std::string& ca_pem, const std::string& body) {
  return Ask(url, bearer, ca_pem, &body);
}

FakeMachine::FakeMachine(std::string boot_url, std::string mac) : boot_url_(std::move(boot_url)), name_([&mac] {
  std::replace(mac.begin(), mac.end(), ':', '-');
  return mac;
}()) {}

HttpAnswer FakeMachine::Script() const { return HttpGet(boot_url_ + "/ipxe/" + name_); }
static bool LetsGo(const HttpAnswer& script) { return script.body.find("is not known to Firesteel") != std::string::npos; }

bool FakeMachine::Known() const {
  const HttpAnswer script = Script();
  return script.status == 200 && !LetsGo(script) && script.body.find("bootd waits for its controller") == std::string::npos;
}
bool FakeMachine::Unknown() const { return LetsGo(Script()); }
bool FakeMachine::Boots() const { return Script().body.find("/artifacts/") != std::string::npos; }

HttpAnswer FakeMachine::FetchKernel() const {
  const std::string script = Script().body;
  const size_t at = script.find("/artifacts/");
  if (at == std::string::npos) return {};
  return HttpGet(boot_url_ + script.substr(at, script.find_first_of(" \n", at) - at));
}

HttpAnswer FakeMachine::Stage1() const { return HttpGet(boot_url_ + "/ignition/" + name_); }

HttpAnswer FakeMachine::Stage2(const HttpAnswer& stage1) const {
  const json config = json::parse(stage1.body).at("ignition");
  const json& merge = config.at("config").at("merge").at(0);
  const std::string bearer = merge.at("httpHeaders").at(0).at("value").get<std::string>().substr(7);
  const std::string ca =
      DataUrl(config.at("security").at("tls").at("certificateAuthorities").at(0).at("source").get<std::string>());
  HttpAnswer answer = HttpGet(merge.at("source").get<std::string>(), bearer, ca);
  const bool intact = "sha512-" + Sha512Hex(answer.body) == merge.at("verification").at("hash");
  if (answer.status == 200 && !intact) answer.status = -1;
  return answer;
}

HttpAnswer FakeMachine::Report(const HttpAnswer& stage2, const std::string& step, const std::string& state,
                               const std::string& message) const {
  const std::string env = FileIn(stage2.body, "/etc/firesteel/node.env");
  const json report = {{"bootID", EnvValue(env, "BOOT_ID")}, {"step", step}, {"state", state}, {"message", message}, {"log", ""}};
  const std::string header = FileIn(stage2.body, "/etc/firesteel/report-authorization");
  const std::string prefix = "Authorization: Bearer ";
  if (!header.starts_with(prefix)) return {};
  const std::string token = header.substr(prefix.size(), header.find('\n') - prefix.size());
  return HttpPost(EnvValue(env, "REPORT_URL"), token, FileIn(stage2.body, "/etc/firesteel/bootd-ca.pem"), report.dump());
}

HttpAnswer NetBoot(const FakeMachine& machine) {
  EXPECT_TRUE(Eventually([&] { return machine.Boots(); })) << machine.Script().body;
  EXPECT_TRUE(Eventually([&] { return machine.FetchKernel().body == "content of flatcar_production_pxe.vmlinuz"; }));
  HttpAnswer stage1;
  EXPECT_TRUE(Eventually([&] { return (stage1 = machine.Stage1()).status == 200; })) << stage1.status << stage1.body;
  if (stage1.status != 200) return {};
  HttpAnswer stage2;
  EXPECT_TRUE(Eventually([&] {
    stage2 = machine.Stage2(stage1);
    return stage2.status == 200 || stage2.status == 410;
  })) << stage2.status;
  return stage2;
}

std::string FakeMachine::FileIn(const std::string& ignition, const std::string& path) {
  const json config = json::parse(ignition);
  for (const json& file : config.at("storage").at("files")) {
    if (file.at("path") != path || !file.contains("contents")) continue;
    return DataUrl(file.at("contents").at("source").get<std::string>());
  }
  return "";
}

}  // namespace firesteel::test
