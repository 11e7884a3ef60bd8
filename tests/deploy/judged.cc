#include "tests/deploy/judged.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "tests/deploy/rendered.h"
#include "tests/support/child_process.h"
#include "tests/support/tools.h"

namespace firesteel::test {

using nlohmann::json;

std::vector<Judged> Judge(const std::vector<json>& objects, const std::string& script) {
  const std::string file = testing::TempDir() + "firesteel-judge-" + RandomHex(4) + ".json";
  EXPECT_TRUE(WriteFileAtomically(file, json(objects).dump(), 0600).ok());
  const Output output = Shell(ToolPath("object-status") + " " FIRESTEEL_SOURCE_DIR "/" + script + " < " + file);
  std::filesystem::remove(file);
  EXPECT_EQ(output.status, 0) << script << ": " << output.text;
  std::vector<Judged> judged;
  for (const json& verdict : json::parse(output.text, nullptr, false)) {
    if (verdict.is_object()) judged.push_back({verdict.at("kstatus").get<std::string>(), verdict.at("lua")});
  }
  EXPECT_EQ(judged.size(), objects.size()) << output.text;
  return judged;
}

}  // namespace firesteel::test
