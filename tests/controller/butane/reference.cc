#include "tests/controller/butane/reference.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "controller/butane/data_url.h"
#include "tests/support/tools.h"

namespace firesteel::butane {
namespace {

using nlohmann::json;

std::string OutputOf(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 65536> block{};
  for (size_t size; (size = fread(block.data(), 1, block.size(), pipe)) > 0;)
    output.append(block.data(), size);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

constexpr char kProgram[] = "butane-reference";

json Ask(const json& request) {
  const std::string file = testing::TempDir() + "firesteel-butane-" + RandomHex(4);
  EXPECT_TRUE(
      WriteFileAtomically(file, request.dump(-1, ' ', false, json::error_handler_t::replace), 0600)
          .ok());
  const std::string output = OutputOf("'" + test::ToolPath(kProgram) + "' < '" + file + "'");
  std::filesystem::remove(file);
  return json::parse(output);
}

}  // namespace

bool HasReference() { return test::HasTool(kProgram); }

std::vector<Transpiled> ReferenceTranspile(const std::vector<std::string>& configs) {
  std::vector<Transpiled> results;
  const json answers = Ask({{"Transpile", configs}});
  for (const json& answer : answers.at("transpile")) {
    Transpiled result;
    result.error = answer.at("error").get<std::string>();
    if (result.error.empty()) result.ignition = answer.at("ignition").get<std::string>();
    for (const json& entry : answer.at("entries")) {
      const bool is_error = entry.at("kind") == "error";
      result.entries.push_back({is_error ? Severity::kError : Severity::kWarning,
                                entry.at("path").get<std::string>(), entry.at("line").get<int>(),
                                entry.at("column").get<int>(),
                                entry.at("message").get<std::string>()});
    }
    std::string text;
    for (const Entry& entry : result.entries) text += ToString(entry) + "\n";
    EXPECT_EQ(text, answer.at("text").get<std::string>());
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<std::pair<json, std::string>> ReferenceMerge(
    const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<std::pair<json, std::string>> results;
  const json answers = Ask({{"Merge", pairs}});
  for (const json& answer : answers.at("merge")) {
    const std::string error = answer.at("error").get<std::string>();
    results.emplace_back(
        error.empty() ? json::parse(answer.at("ignition").get<std::string>()) : json(), error);
  }
  return results;
}

std::vector<std::string> ReferenceValidate(const std::vector<std::string>& configs) {
  std::vector<std::string> results;
  const json answers = Ask({{"Validate", configs}});
  for (const json& answer : answers.at("validate")) {
    const std::string error = answer.at("error").get<std::string>();
    results.push_back(error.empty() ? "" : error + "\n" + answer.at("text").get<std::string>());
  }
  return results;
}

json DecodeContents(json config) {
  if (!config.is_structured()) return config;
  const bool is_data = config.is_object() && config.contains("source") &&
                       config["source"].is_string() &&
                       config["source"].get<std::string>().rfind("data:", 0) == 0;
  std::string content;
  if (is_data && DecodeDataUrl(config["source"].get<std::string>(), &content).empty() &&
      config.contains("compression")) {
    const std::optional<std::string> plain = config["compression"] == "gzip" ? Gunzip(content) : std::nullopt;
    config["source"] = "decoded:" + HexEncode(plain.value_or(content));
    config["compression"] = "any";
  }
  for (json& part : config) part = DecodeContents(std::move(part));
  return config;
}

}  // namespace firesteel::butane
