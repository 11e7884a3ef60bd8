#include "tests/docs/reference.h"

#include <nlohmann/json.hpp>
#include <set>

#include "controller/api/reasons.h"
#include "controller/api/validate.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

// A cell of a table.
std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|' || c == '<') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string TypeOf(const json& schema) {
  if (schema.value("x-kubernetes-int-or-string", false)) return "integer or string";
  const std::string type = schema.value("type", "any");
  if (schema.contains("enum")) {
    std::string words;
    for (const json& word : schema.at("enum")) words += (words.empty() ? "" : ", ") + word.get<std::string>();
    return words;
  }
  if (type == "array") return "list of " + TypeOf(schema.at("items"));
  if (type == "object" && schema.contains("additionalProperties")) return "map";
  return type;
}

void AddFields(const json& schema, const std::string& path, std::string& table) {
  if (schema.value("type", "") == "array") return AddFields(schema.at("items"), path + "[]", table);
  if (!schema.contains("properties")) return;
  std::set<std::string> required;
  for (const json& name : schema.value("required", json::array())) required.insert(name.get<std::string>());
  for (const auto& [name, field] : schema.at("properties").items()) {
    const std::string here = path + "." + name;
    table += "| `" + here + "` | " + TypeOf(field) + (required.count(name) != 0 ? ", required" : "") + " | " +
             Escaped(field.value("description", "")) + " |\n";
    AddFields(field, here, table);
  }
}

}  // namespace

std::string CrdReference() {
  std::string text =
      "# Reference of firesteel.dev/v1alpha1\n\n"
      "Made by docs/generate from `crds/`; `kubectl explain cluster.spec` says the same of the CRDs that are installed.\n";
  for (const char* kind : {"Cluster", "BareMetalHost"}) {
    const json& schema = api::SchemaOf(kind);
    text += std::string("\n## ") + kind + "\n\n" + schema.value("description", "") + "\n";
    for (const char* part : {"spec", "status"}) {
      text += "\n| field | type | |\n|---|---|---|\n";
      AddFields(schema.at("properties").at(part), part, text);
    }
  }
  return text;
}

std::string ReasonTable() {
  std::string table = "| reason | |\n|---|---|\n";
  for (const api::ReasonText& reason : api::kReasons) {
    table += std::string("| ") + reason.reason + " | " + Escaped(reason.sentence) + " |\n";
  }
  return table;
}

}  // namespace firesteel::test
