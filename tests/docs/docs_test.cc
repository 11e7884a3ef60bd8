// The documentation says what the sources say: nothing is forgotten, no link is dead, examples are accepted.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/api/bare_metal_host.h"
#include "controller/api/manifest.h"
#include "controller/api/validate.h"
#include "tests/docs/reference.h"

namespace firesteel::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kRoot = FIRESTEEL_SOURCE_DIR;

std::string Text(const fs::path& path) {
  const Result<std::string> text = ReadFile((kRoot / path).string());
  EXPECT_TRUE(text.ok()) << path;
  return text.ok() ? *text : "";
}

void ExpectCurrent(const fs::path& path, const std::string& made) {
  if (std::getenv("FIRESTEEL_UPDATE_DOCS") != nullptr) {
    ASSERT_TRUE(WriteFileAtomically((kRoot / path).string(), made, 0644).ok());
  }
  EXPECT_EQ(Text(path), made) << "run docs/generate";
}

// The contents of the fences ```LANGUAGE … ```.
std::vector<std::string> Fences(const std::string& text, const std::string& language) {
  std::vector<std::string> fences;
  const std::string open = "\n```" + language + "\n";
  for (size_t at = text.find(open); at != std::string::npos; at = text.find(open, at + 1)) {
    const size_t start = at + open.size();
    fences.push_back(text.substr(start, text.find("\n```", start) + 1 - start));
  }
  return fences;
}

std::vector<fs::path> Pages() {
  std::vector<fs::path> pages = {"README.md", "SECURITY.md", "CONTRIBUTING.md", "deploy/argocd/README.md", "deploy/systemd/README.md"};
  for (const auto& entry : fs::directory_iterator(kRoot / "docs")) {
    if (entry.path().extension() == ".md") pages.push_back(fs::relative(entry.path(), kRoot));
  }
  return pages;
}

TEST(Generated, TheReferenceIsThatOfTheCrds) { ExpectCurrent("docs/crd-reference.md", CrdReference()); }

TEST(Generated, TroubleshootingHasEveryReason) {
  const std::string page = Text("docs/troubleshooting.md");
  const std::string open = "<!-- reasons: docs/generate -->\n";
  const size_t start = page.find(open);
  const size_t end = page.find("<!-- end of reasons -->");
  ASSERT_NE(start, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  ExpectCurrent("docs/troubleshooting.md", page.substr(0, start + open.size()) + ReasonTable() + page.substr(end));
}

std::set<std::string> Words(const json& list) {
  std::set<std::string> words;
  for (const json& word : list) words.insert(word.get<std::string>());
  return words;
}

TEST(Docs, EveryStateAndPhaseIsExplainedAndNoOther) {
  const std::string page = Text("docs/host-states.md");
  std::set<std::string> said;
  const std::regex row("\n\\| ([A-Z][A-Za-z]+) \\|");
  for (std::sregex_iterator it(page.begin(), page.end(), row), end; it != end; ++it) said.insert((*it)[1]);
  const auto allowed = [](const char* kind, const char* field) {
    return Words(api::SchemaOf(kind).at(json::json_pointer(std::string("/properties/status/properties/") + field + "/enum")));
  };
  std::set<std::string> known = allowed("BareMetalHost", "state");
  known.merge(allowed("Cluster", "phase"));
  EXPECT_EQ(said, known);
}

TEST(Docs, EveryPortOfTheDeploymentsIsNamed) {
  const std::string page = Text("docs/ports.md");
  const std::string manifests = Text("deploy/base/bootd.yaml") + Text("deploy/base/controller.yaml");
  const std::regex port("containerPort: ([0-9]+)");
  int count = 0;
  for (std::sregex_iterator it(manifests.begin(), manifests.end(), port), end; it != end; ++it, ++count) {
    EXPECT_NE(page.find("| " + (*it)[1].str() + "/"), std::string::npos) << (*it)[1];
  }
  EXPECT_EQ(count, 6);
}

// What a person may set to steer the controller's hand is explained, with each value.
TEST(Docs, DeletionPauseAndDetachAreExplained) {
  const std::string page = Text("docs/operate.md");
  std::set<std::string> words = Words(api::SchemaOf("BareMetalHost").at("/properties/spec/properties/deletionPolicy/enum"_json_pointer));
  for (const std::string& policy : words) EXPECT_NE(page.find("\n| " + policy), std::string::npos) << policy;
  for (const std::string word : {api::kDetachedAnnotation, api::kConfirmAnnotation, "spec.paused", "spec.reinstall", "disruption.maxPercent"}) {
    EXPECT_NE(page.find(word), std::string::npos) << word;
  }
  for (const char* reason : {"BreakerHeld", "CleanupIncomplete", "KeysKept", "ReinstallRefused"}) {
    EXPECT_NE(page.find(reason), std::string::npos) << reason;
  }
}

TEST(Docs, EveryCommandOfThePluginIsListed) {
  const std::string page = Text("docs/operate.md");
  const std::string plugin = Text("deploy/kubectl-firesteel");
  const std::regex command("(?:add\\(commands, shared, |[(])\"(status|kubeconfig|logs|reprovision|pause|resume|detach|attach)\", ");
  std::set<std::string> commands;
  for (std::sregex_iterator it(plugin.begin(), plugin.end(), command), end; it != end; ++it) commands.insert((*it)[1]);
  EXPECT_EQ(commands.size(), 8u);
  for (const std::string& name : commands) EXPECT_TRUE(std::regex_search(page, std::regex("`(kubectl firesteel )?" + name + "[ `]"))) << name;
}

// Versions are those that the tests are built with.
TEST(Docs, CompatibilityNamesTheVersionsThatAreTested) {
  const std::string page = Text("docs/compatibility.md");
  const auto pinned = [](const char* file, const std::string& module) {
    const std::string text = Text(file);
    std::smatch match;
    const bool found = std::regex_search(text, match, std::regex("(?:^|\\s)" + module + " v([0-9]+[.][0-9]+)"));
    return found ? match[1].str() : module + " is not in " + file;
  };
  for (const std::string& version : {pinned("deploy/lab/gomods/kube/go.mod", "k8s.io/kubernetes"), pinned("deploy/lab/gomods/ignition/go.mod", "github.com/coreos/ignition/v2"),
                                     pinned("deploy/lab/gomods/cilium/go.mod", "github.com/cilium/cilium"), pinned("deploy/lab/gomods/helm/go.mod", "helm.sh/helm/v3"),
                                     pinned("tests/deploy/object-status/go.mod", "sigs.k8s.io/cli-utils")}) {
    EXPECT_NE(page.find(version), std::string::npos) << version;
  }
}

TEST(Docs, LinksLeadSomewhere) {
  const std::regex link("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  for (const fs::path& page : Pages()) {
    const std::string text = Text(page);
    for (std::sregex_iterator it(text.begin(), text.end(), link), end; it != end; ++it) {
      EXPECT_TRUE(fs::exists(kRoot / page.parent_path() / (*it)[1].str())) << page << ": " << (*it)[1];
    }
  }
}

TEST(Docs, NamedFilesOfTheRepositoryExist) {
  const std::regex name("(?:^|[ `(])((?:deploy|docs|tests|crds)/[A-Za-z0-9_./-]*[A-Za-z0-9])");
  for (const fs::path& page : Pages()) {
    const std::string text = Text(page);
    for (std::sregex_iterator it(text.begin(), text.end(), name), end; it != end; ++it) {
      EXPECT_TRUE(fs::exists(kRoot / (*it)[1].str())) << page << ": " << (*it)[1];
    }
  }
}

bool HasFlag(const std::string& text, const std::string& flag) {
  return std::regex_search(text, std::regex(flag + "(?![a-z0-9-])"));
}

// Flags that stand alone in `code`, and those of our programs' command lines.
TEST(Docs, NamedFlagsExist) {
  std::string ours;
  for (const char* file : {"bootd/options.cc", "controller/options.cc", "deploy/quickstart", "deploy/kubectl-firesteel", "tests/bench/scale"}) ours += Text(file);
  const std::regex alone("`(--[a-z][a-z0-9-]+)");
  const std::regex line("((?:deploy|tests)/[a-z-]+(?:/[a-z-]+)*) ([^`|\n]*)");
  const std::regex flag("--[a-z][a-z0-9-]+");
  int checked = 0;
  for (const fs::path& page : Pages()) {
    const std::string text = Text(page);
    for (std::sregex_iterator it(text.begin(), text.end(), alone), end; it != end; ++it, ++checked) {
      EXPECT_TRUE(HasFlag(ours, (*it)[1])) << page << ": " << (*it)[1];
    }
    for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
      const std::string program = (*it)[1], arguments = (*it)[2];
      if (!fs::is_regular_file(kRoot / program)) continue;
      for (std::sregex_iterator of(arguments.begin(), arguments.end(), flag); of != end; ++of, ++checked) {
        EXPECT_TRUE(HasFlag(Text(program), of->str())) << page << ": " << program << " " << of->str();
      }
    }
  }
  EXPECT_GE(checked, 25);
}

TEST(Docs, NamedValuesOfTheChartExist) {
  const json schema = json::parse(Text("deploy/charts/firesteel/values.schema.json"));
  const std::regex value("`((?:crds|controller|bootd|certManager|networkPolicy|monitoring)[.][A-Za-z.]+)[`=]");
  int checked = 0;
  for (const fs::path& page : Pages()) {
    const std::string text = Text(page);
    for (std::sregex_iterator it(text.begin(), text.end(), value), end; it != end; ++it) {
      if ((*it)[1] == "bootd.service") continue; // systemd's
      const std::string path = std::regex_replace("." + (*it)[1].str(), std::regex("[.]"), "/properties/");
      EXPECT_TRUE(schema.contains(json::json_pointer(path))) << page << ": " << (*it)[1];
      ++checked;
    }
  }
  EXPECT_GE(checked, 4);
}

TEST(Docs, ExamplesAreValid) {
  int checked = 0;
  for (const fs::path& page : Pages()) {
    for (const std::string& fence : Fences(Text(page), "yaml")) {
      if (fence.find("firesteel.dev/v1alpha1") == std::string::npos) continue;
      const auto manifests = api::ParseManifests(fence, page.string());
      ASSERT_TRUE(manifests.ok()) << manifests.error().message;
      for (const api::Manifest& manifest : *manifests) {
        ++checked;
        for (const Error& error : api::Validate(manifest.object)) ADD_FAILURE() << manifest.origin << ": " << error.message;
      }
    }
  }
  EXPECT_GE(checked, 4);
}

TEST(Docs, TheRealDnsmasqTakesItsExamples) {
  const std::vector<std::string> fences = Fences(Text("docs/dhcp.md"), "dnsmasq");
  EXPECT_EQ(fences.size(), 2u);
  for (const std::string& fence : fences) {
    const std::string file = testing::TempDir() + "firesteel-dnsmasq-" + RandomHex(4);
    ASSERT_TRUE(WriteFileAtomically(file, fence, 0600).ok());
    EXPECT_EQ(std::system(("/usr/sbin/dnsmasq --test --conf-file=" + file + " 2> " + file + ".err").c_str()), 0)
        << ReadFile(file + ".err").value() << fence;
    fs::remove(file);
    fs::remove(file + ".err");
  }
}

// Without interfaces Kea starts, complains of nothing and answers nobody.
TEST(Docs, TheExampleForKeaIsJsonAndListens) {
  const std::vector<std::string> fences = Fences(Text("docs/dhcp.md"), "json");
  ASSERT_EQ(fences.size(), 1u);
  const json config = json::parse(fences[0], nullptr, false);
  ASSERT_TRUE(config.is_object());
  EXPECT_TRUE(config.contains("/Dhcp4/interfaces-config/interfaces/0"_json_pointer));
}

}  // namespace
}  // namespace firesteel::test
