#include "controller/offline/command.h"

#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_text.h"
#include "controller/offline/draft.h"
#include "controller/offline/folder.h"
#include "controller/offline/input.h"

namespace firesteel {
namespace {

using offline::Draft;
using offline::Input;

int Fail(const std::string& message) {
  std::cerr << message << "\n";
  return 1;
}

void CheckButane(Input& input) {
  std::set<std::string> told;  // the Cluster's is every host's
  for (const api::BareMetalHost& host : input.hosts) {
    const api::Cluster* cluster = FindCluster(input, host);
    if (cluster == nullptr) continue;
    for (std::string& problem : ButaneProblems(input, host, *cluster)) {
      if (told.insert(problem).second) input.problems.push_back(std::move(problem));
    }
  }
}

Input LoadAndCheck(const std::vector<std::string>& files) {
  Input input = offline::Load(files);
  CheckButane(input);
  for (const std::string& problem : input.problems) std::cerr << problem << "\n";
  return input;
}

void Print(const std::string& name, const Draft& draft) {
  const auto section = [&name](const std::string& title, const std::string& text) {
    std::cout << "# host " << name << ": " << title << "\n" << text;
  };
  const auto config = [&section](const char* title, const std::string& json) {
    section(title, ToText(nlohmann::json::parse(json), 2) + "\n");
  };
  for (const std::string& note : draft.notes) section(note, "");
  section(draft.title, "");
  section("boot script (iPXE)", draft.boot_script);
  section("kubeadm configuration", draft.kubeadm);
  if (draft.installer.empty()) return config("Ignition, stage 2", draft.ignition);
  config("Ignition, stage 2: of the installer, in RAM", draft.installer);
  config("Ignition of the installed system, on its disk", draft.ignition);
}

Status Write(const api::BareMetalHost& host, const Draft& draft, const std::string& folder) {
  const std::string name = (host.metadata.ns.empty() ? "default" : host.metadata.ns) + "/" + host.metadata.name;
  for (const std::string& note : draft.notes) std::cerr << "host " << host.metadata.name << ": " << note << "\n";
  std::cout << folder << "/" << name << ": " << draft.title << "\n";
  return WriteDraft(draft, folder + "/" + name);
}

Status RenderHost(const Input& input, const api::BareMetalHost& host, const RenderOptions& options) {
  const api::Cluster* cluster = FindCluster(input, host);
  if (cluster == nullptr) return NotFound("spec.clusterRef: Cluster '" + host.spec.cluster + "' is not in these files");
  const Result<Draft> draft = DraftHost(input, host, *cluster, options.show_secrets);
  if (!draft.ok()) return draft.error();
  if (!options.decoded.empty()) return Write(host, *draft, options.decoded);
  Print(host.metadata.name, *draft);
  return {};
}

}  // namespace

int RunValidate(const std::vector<std::string>& files) {
  const Input input = LoadAndCheck(files);
  if (!input.problems.empty()) return 1;
  if (input.clusters.empty() && input.hosts.empty()) {
    return Fail("there is no Cluster and no BareMetalHost in these files, so nothing was checked: name files that hold some");
  }
  std::cout << input.clusters.size() << " Cluster(s) and " << input.hosts.size() << " BareMetalHost(s) are valid\n";
  return 0;
}

int RunRender(const RenderOptions& options) {
  const Input input = LoadAndCheck(options.files);
  if (!input.problems.empty()) return 1;
  if (!options.decoded.empty()) {
    const Status made = offline::MakeEmptyFolder(options.decoded);
    if (!made.ok()) return Fail(made.error().message);
  }
  for (const api::BareMetalHost& host : input.hosts) {
    const Status rendered = RenderHost(input, host, options);
    if (!rendered.ok()) return Fail("host " + host.metadata.name + ": " + rendered.error().message);
  }
  return 0;
}

}  // namespace firesteel
