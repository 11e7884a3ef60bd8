// What a host would be given: as if the machines were switched on in the order of the files.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "controller/offline/input.h"

namespace firesteel::offline {

struct Draft {
  std::string title;               // what the machine does
  std::vector<std::string> notes;  // what is left out, and why
  std::string boot_script;         // iPXE
  std::string kubeadm;             // YAML
  std::string ignition;            // JSON, of the node
  std::string installer;           // JSON, of the system in RAM that installs the node to disk; "" = none
};

// Where a running controller puts what is secret or made when a machine boots, this says so instead. What
// the user's own Secrets say is left out unless `show_secrets`.
Result<Draft> DraftHost(const Input& input, const api::BareMetalHost& host, const api::Cluster& cluster, bool show_secrets);

// What is wrong with the Butane configs of a host: each names its place.
std::vector<std::string> ButaneProblems(const Input& input, const api::BareMetalHost& host, const api::Cluster& cluster);

}  // namespace firesteel::offline
