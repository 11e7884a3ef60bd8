#include "node_root.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/crypto.h"
#include "base/file.h"
#include "controller/render/ignition.h"
#include "listing.h"

namespace firesteel::render {
namespace {

namespace fs = std::filesystem;

constexpr char kFakes[] = FIRESTEEL_SOURCE_DIR "/tests/controller/render/fakes";
// Root needs no user namespace; everyone else does.
constexpr char kUnshare[] = "if [ $(id -u) = 0 ]; then set -- -m; else set -- -Urm; fi; exec unshare \"$@\" ";

}  // namespace

NodeRoot::NodeRoot(const plan::NodeRecipe& recipe) : NodeRoot(IgnitionConfig(recipe)) {}

NodeRoot::NodeRoot(const std::string& ignition) : dir_("/tmp/firesteel-node-" + RandomHex(4)) {
  for (const auto& [path, file] : FilesOf(ignition)) Write(path, file.content, file.mode);
  fs::create_directories(dir_ + "/fake/bin");
  fs::copy(std::string(kFakes), dir_ + "/fake/bin");
  fs::rename(dir_ + "/fake/bin/lib.sh", dir_ + "/fake/lib.sh");
}

NodeRoot::~NodeRoot() { fs::remove_all(dir_); }

bool NodeRoot::Supported() {
  static const bool supported = [] {
    const std::string probe = std::string(kUnshare) + "mount -t tmpfs tmpfs /tmp > /dev/null 2>&1";
    return std::system(probe.c_str()) == 0;
  }();
  return supported;
}

int NodeRoot::Run(const std::string& command) {
  const std::string inside = std::string(kUnshare) + kFakes + "/enter " + dir_ + " " + command + " > " + dir_ +
                             "/printed 2>&1 < /dev/null";
  const int status = std::system(inside.c_str());
  printed_ = Read("/printed");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void NodeRoot::Write(const std::string& path, const std::string& content, int mode) {
  fs::create_directories(fs::path(dir_ + path).parent_path());
  std::ofstream(dir_ + path, std::ios::binary) << content;
  if (mode != 0) fs::permissions(dir_ + path, static_cast<fs::perms>(mode));
}

std::string NodeRoot::Read(const std::string& path) const {
  const Result<std::string> content = ReadFile(dir_ + path);
  return content.ok() ? *content : "";
}

bool NodeRoot::Exists(const std::string& path) const { return fs::exists(dir_ + path); }

std::vector<std::string> NodeRoot::List(const std::string& folder) const {
  std::vector<std::string> paths;
  if (!Exists(folder)) return paths;
  for (const auto& entry : fs::directory_iterator(dir_ + folder)) {
    paths.push_back(folder + "/" + entry.path().filename().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<std::string> NodeRoot::TakeCalls() {
  std::vector<std::string> calls;
  std::istringstream log(Read("/fake/log"));
  for (std::string line; std::getline(log, line);) calls.push_back(line);
  fs::remove(dir_ + "/fake/log");
  return calls;
}

}  // namespace firesteel::render
