#include "tests/support/tools.h"

#include <unistd.h>

#include <cstdio>
#include <map>

namespace firesteel::test {

namespace {

std::string AskForPath(const std::string& name) {
  const std::string command = std::string(FIRESTEEL_SOURCE_DIR) + "/deploy/lab/tools path " + name;
  FILE* pipe = popen(command.c_str(), "r");
  char line[1024] = "";
  if (fgets(line, sizeof line, pipe) == nullptr) line[0] = '\0';
  pclose(pipe);
  const std::string path = line;
  return path.substr(0, path.find('\n'));
}

}  // namespace

std::string ToolPath(const std::string& name) {
  static std::map<std::string, std::string> known;  // asking starts a dozen processes
  const auto [it, fresh] = known.try_emplace(name);
  if (fresh) it->second = AskForPath(name);
  return it->second;
}

bool HasTool(const std::string& name) { return access(ToolPath(name).c_str(), X_OK) == 0; }

}  // namespace firesteel::test
