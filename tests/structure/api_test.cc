// The API's vocabulary is one: what the CRDs allow, what the code says, and what is documented.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/api/reasons.h"
#include "controller/api/validate.h"

namespace firesteel::api {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Literals of controller/plan that look like a reason and are not.
const std::set<std::string> kConditionTypes = {"Ready", "Reconciling", "Stalled", "BootArtifactsReady", "NoSchedule", "REDACTED"};

std::set<std::string> ReasonsOfTable() {
  std::set<std::string> reasons;
  for (const ReasonText& text : kReasons) reasons.insert(text.reason);
  return reasons;
}

// Only plan/ makes reasons, and there every literal of one CamelCase word is one.
std::set<std::string> ReasonsOfSources() {
  const std::regex word("\"([A-Z][A-Za-z0-9]+)\"");
  std::set<std::string> reasons;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(FIRESTEEL_SOURCE_DIR) / "controller/plan")) {
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      for (std::sregex_iterator it(line.begin(), line.end(), word), end; it != end; ++it) {
        if (kConditionTypes.count((*it)[1].str()) == 0) reasons.insert((*it)[1].str());
      }
    }
  }
  return reasons;
}

TEST(Api, EveryReasonIsDocumentedAndEveryDocumentedReasonIsUsed) {
  EXPECT_EQ(ReasonsOfSources(), ReasonsOfTable());
  EXPECT_EQ(ReasonsOfTable().size(), kReasons.size()) << "one stands there twice";
}

TEST(Api, ReasonsOfEventsAndConditionsComeFromPlanOnly) {
  const std::regex literal("reason[\", =]+\"[A-Z]");
  for (const char* layer : {"controller/reconcile", "controller/runtime", "controller/boot"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(FIRESTEEL_SOURCE_DIR) / layer)) {
      std::ifstream in(entry.path());
      for (std::string line; std::getline(in, line);) {
        EXPECT_FALSE(std::regex_search(line, literal)) << entry.path() << ": " << line;
      }
    }
  }
}

std::set<std::string> EnumOf(const std::string& kind, const std::string& pointer) {
  const json& schema = SchemaOf(kind);
  const json::json_pointer at(pointer + "/enum");
  if (!schema.contains(at)) return {"no enum at " + pointer};
  std::set<std::string> words;
  for (const json& word : schema.at(at)) words.insert(word.get<std::string>());
  return words;
}

template <typename Enum>
std::set<std::string> WordsOf(std::initializer_list<Enum> values) {
  std::set<std::string> words;
  for (Enum value : values) words.insert(ToString(value));
  return words;
}

TEST(Api, EnumsOfTheCrdsAreThoseOfTheCode) {
  EXPECT_EQ(EnumOf("BareMetalHost", "/properties/spec/properties/role"), WordsOf({Role::kControlPlane, Role::kWorker}));
  EXPECT_EQ(EnumOf("BareMetalHost", "/properties/spec/properties/architecture"),
            WordsOf({Architecture::kAmd64, Architecture::kArm64}));
  EXPECT_EQ(EnumOf("BareMetalHost", "/properties/spec/properties/installation"),
            WordsOf({Installation::kDisk, Installation::kRam}));
  EXPECT_EQ(EnumOf("BareMetalHost", "/properties/spec/properties/diskConflicts"),
            WordsOf({DiskConflicts::kRefuse, DiskConflicts::kWipe}));
  EXPECT_EQ(EnumOf("BareMetalHost", "/properties/status/properties/state"),
            WordsOf({HostState::kRegistered, HostState::kWaitingForBoot, HostState::kBooting, HostState::kInstalling, HostState::kBootstrapping,
                     HostState::kProvisioned, HostState::kDeprovisioning, HostState::kPaused, HostState::kError}));
  EXPECT_EQ(EnumOf("Cluster", "/properties/status/properties/phase"),
            WordsOf({ClusterPhase::kPending, ClusterPhase::kProvisioning, ClusterPhase::kProvisioned,
                     ClusterPhase::kFailed, ClusterPhase::kPaused, ClusterPhase::kDeleting}));
}

bool Says(const json& field, const std::string& word) {
  const auto it = field.find("description");
  return it != field.end() && it->is_string() && it->get<std::string>().find(word) != std::string::npos;
}

// An unbounded string or list makes CEL refuse the CRD and lets one object fill etcd.
void ExpectBounded(const json& schema, const std::string& path) {
  const std::string type = schema.value("type", "");
  const bool bounded = schema.contains("enum") || schema.contains("format");
  EXPECT_TRUE(type != "string" || bounded || schema.contains("maxLength")) << path;
  if (type != "array") return;
  EXPECT_TRUE(schema.contains("maxItems")) << path;
  EXPECT_TRUE(schema.contains("x-kubernetes-list-type")) << path << ": how do two appliers merge it?";
  ExpectBounded(schema.at("items"), path + "[]");
}

// Below spec and status; `wishes`: a person may set it, so what happens when nobody does must be said.
void ExpectDocumented(const json& schema, const std::string& path, bool wishes) {
  if (schema.contains("items")) ExpectDocumented(schema.at("items"), path + "[]", wishes);
  if (!schema.contains("properties")) return;
  std::set<std::string> required;
  for (const json& name : schema.value("required", json::array())) required.insert(name.get<std::string>());
  for (const auto& [name, field] : schema.at("properties").items()) {
    const std::string here = path + "." + name;
    EXPECT_TRUE(Says(field, "Example: ")) << here;
    EXPECT_TRUE(!wishes || required.count(name) != 0 || Says(field, "Default: ")) << here;
    ExpectBounded(field, here);
    ExpectDocumented(field, here, wishes);
  }
}

TEST(Api, EveryFieldOfTheCrdsHasADescriptionWithExampleAndDefaultAndABound) {
  for (const char* kind : {"BareMetalHost", "Cluster"}) {
    const json& properties = SchemaOf(kind).at("properties");
    EXPECT_TRUE(Says(SchemaOf(kind), ".")) << kind;
    for (const char* part : {"apiVersion", "kind", "spec", "status"}) EXPECT_TRUE(Says(properties.at(part), ".")) << part;
    ExpectDocumented(properties.at("spec"), std::string(kind) + ".spec", true);
    ExpectDocumented(properties.at("status"), std::string(kind) + ".status", false);
  }
}

}  // namespace
}  // namespace firesteel::api
