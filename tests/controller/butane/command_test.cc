// `firesteel transpile` from the outside.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"

namespace firesteel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr char kFine[] = "variant: flatcar\nversion: 1.1.0\nstorage: {files: [{path: /a}]}\n";
constexpr char kWarned[] = "variant: flatcar\nversion: 1.1.0\nfoo: 1\n";
constexpr char kWrong[] = "variant: flatcar\nversion: 1.1.0\nstorage: {files: [{path: a}]}\n";
constexpr char kFineIgnition[] =
    R"({"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/a"}]}})"
    "\n";

class TranspileCommand : public testing::Test {
 protected:
  TranspileCommand() { fs::create_directories(dir_); }
  ~TranspileCommand() override { fs::remove_all(dir_); }

  // Runs it on `config`, given as standard input. Fills out_ and err_.
  int Run(const std::string& config, const std::string& arguments = "") {
    EXPECT_TRUE(WriteFileAtomically(dir_ + "/in.bu", config, 0600).ok());
    const std::string command = "cd '" + dir_ + "' && '" FIRESTEEL_PROGRAM "' transpile " +
                                arguments + " < in.bu > out 2> err";
    const int status = std::system(command.c_str());
    out_ = *ReadFile(dir_ + "/out");
    err_ = *ReadFile(dir_ + "/err");
    return WEXITSTATUS(status);
  }

  const std::string dir_ = testing::TempDir() + "firesteel-transpile-" + RandomHex(4);
  std::string out_;
  std::string err_;
};

TEST_F(TranspileCommand, WritesIgnitionToStandardOutput) {
  for (const char* arguments : {"", "-", "in.bu"}) {
    EXPECT_EQ(Run(kFine, arguments), 0) << err_;
    EXPECT_EQ(out_, kFineIgnition);
    EXPECT_EQ(err_, "");
  }
}

TEST_F(TranspileCommand, WritesToAFile) {
  EXPECT_EQ(Run(kFine, "-o result.ign"), 0);
  EXPECT_EQ(*ReadFile(dir_ + "/result.ign"), kFineIgnition);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(Run(kFine, "-o nowhere/result.ign"), 1);
}

TEST_F(TranspileCommand, IndentsWhenAsked) {
  EXPECT_EQ(Run(kFine, "--pretty"), 0);
  EXPECT_THAT(out_, HasSubstr("{\n  \"ignition\": {\n"));
}

TEST_F(TranspileCommand, SaysWhatIsWrongAsButaneDoes) {
  EXPECT_EQ(Run(kWrong), 1);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_,
            "error at $.storage.files.0.path, line 3 col 26: path not absolute\n"
            "Error translating config: config generated was invalid\n");
}

TEST_F(TranspileCommand, WarningsAreErrorsOnlyWhenStrict) {
  EXPECT_EQ(Run(kWarned), 0);
  EXPECT_EQ(err_, "warning at $.foo, line 3 col 1: unused key foo\n");
  EXPECT_EQ(Run(kWarned, "--strict"), 1);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("Config produced warnings and --strict was specified\n"));
}

TEST_F(TranspileCommand, NamesAFileItCannotRead) {
  EXPECT_EQ(Run(kFine, "missing.bu"), 1);
  EXPECT_THAT(err_, HasSubstr("missing.bu"));
}

}  // namespace
}  // namespace firesteel
