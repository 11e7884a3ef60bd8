// A node's root folder in a temporary one: the files of an Ignition configuration, laid out as Ignition
// would, and fake programs (fakes/) before the machine's own in PATH.
#pragma once

#include <string>
#include <vector>

#include "controller/plan/node/node_recipe.h"

namespace firesteel::render {

class NodeRoot {
 public:
  explicit NodeRoot(const plan::NodeRecipe& recipe);
  explicit NodeRoot(const std::string& ignition);
  ~NodeRoot();
  NodeRoot(const NodeRoot&) = delete;
  NodeRoot& operator=(const NodeRoot&) = delete;

  // Whether this machine lets us make a mount namespace.
  static bool Supported();

  // Runs a command inside; its exit status.
  int Run(const std::string& command);
  // What the last Run printed.
  const std::string& printed() const { return printed_; }

  void Write(const std::string& path, const std::string& content, int mode = 0);  // 0 = as it is
  std::string Read(const std::string& path) const;  // "" where there is none
  bool Exists(const std::string& path) const;
  // Paths of the files in a folder, in order.
  std::vector<std::string> List(const std::string& folder) const;
  // The calls of fake programs so far, forgotten after: "kubeadm reset --force …".
  std::vector<std::string> TakeCalls();

 private:
  std::string dir_;
  std::string printed_;
};

}  // namespace firesteel::render
