// Programs that deploy/lab/tools builds.
#pragma once

#include <string>

namespace firesteel::test {

std::string ToolPath(const std::string& name);  // where it is kept; it need not exist. Not thread-safe
bool HasTool(const std::string& name);

// Skips a test, or a fixture's, for want of a program.
#define FIRESTEEL_NEED_TOOL(name) \
  if (!firesteel::test::HasTool(name)) GTEST_SKIP() << "deploy/lab/tools build " << name

}  // namespace firesteel::test
