// run-step, as Ignition writes it to a node: when a step ends, what is kept of its output, what is reported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "node_root.h"
#include "recipes.h"

namespace firesteel::render {
namespace {

using nlohmann::json;
using testing::ElementsAre;

constexpr char kLog[] = "/var/log/firesteel/install.log";
// Where the machine is busy, a step may take longer. One that waits for what its command left behind never ends.
constexpr char kRunStep[] = "timeout 60 /opt/firesteel/run-step install ";

class RunStep : public testing::Test {
 protected:
  void SetUp() override {
    if (!NodeRoot::Supported()) GTEST_SKIP() << "no mount namespace for us on this machine";
  }

  // The queued reports, oldest first.
  static std::vector<json> Queued(const NodeRoot& node) {
    std::vector<json> reports;
    for (const std::string& path : node.List("/run/firesteel/reports")) {
      reports.push_back(json::parse(node.Read(path), nullptr, false));
      EXPECT_TRUE(reports.back().is_object()) << node.Read(path);
    }
    return reports;
  }
  static std::string StepAndState(const json& report) {
    return report.at("step").get<std::string>() + " " + report.at("state").get<std::string>();
  }
  std::vector<std::string> Reported() const {
    std::vector<std::string> said;
    for (const json& report : Queued(node_)) said.push_back(StepAndState(report));
    return said;
  }
  // A command that leaves a process behind, which holds standard output and standard error and waits for a word
  // through the pipe /wait. Then it writes to both and makes the file /went-on.
  void WriteCommandThatLeavesAChild(const std::string& last_words, int status) {
    node_.Write("/command", "#!/bin/bash\n"
                            "mkfifo /wait\n"
                            "(read -r _ < /wait; echo late; echo late >&2; touch /went-on) &\n" +
                                last_words + "\nexit " + std::to_string(status) + "\n", 0755);
  }
  void LetTheChildGoOn() { EXPECT_EQ(node_.Run("timeout 60 /bin/bash -c 'echo go > /wait; until [ -e /went-on ]; do :; done'"), 0); }

  NodeRoot node_{WorkerRecipe()};
};

TEST_F(RunStep, StepReportsItsEnd) {
  EXPECT_EQ(node_.Run("/opt/firesteel/run-step images /bin/echo done"), 0);
  EXPECT_EQ(node_.Run("/opt/firesteel/run-step kubeadm-join /bin/bash -c 'echo why; exit 3'"), 3);
  const std::vector<json> reports = Queued(node_);
  ASSERT_EQ(reports.size(), 4u);
  EXPECT_EQ(StepAndState(reports[0]), "images started");
  EXPECT_EQ(StepAndState(reports[1]), "images succeeded");
  EXPECT_EQ(StepAndState(reports[2]), "kubeadm-join started");
  EXPECT_EQ(StepAndState(reports[3]), "kubeadm-join failed");
  EXPECT_EQ(reports[3].at("message"), "exit status 3");
  EXPECT_EQ(reports[3].at("log"), "why");
  EXPECT_EQ(reports[3].at("bootID"), "b00t");
}

TEST_F(RunStep, StepThatTakesItsTimeTellsWhatItIsAt) {
  const std::string told = "until grep -q two /run/firesteel/reports/*.json; do read -t 0.05 < /dev/zero; done";
  ASSERT_EQ(node_.Run("PROGRESS_SECONDS=1 /opt/firesteel/run-step kubeadm-join /bin/bash -c 'echo one; echo two; echo {}; " + told + "; printf end'"), 0);
  EXPECT_EQ(node_.printed(), "one\ntwo\n{}\nend\n");
  EXPECT_EQ(node_.Read("/var/log/firesteel/kubeadm-join.log"), "one\ntwo\n{}\nend\n");
  const std::vector<json> reports = Queued(node_);
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(StepAndState(reports[1]), "kubeadm-join started");
  EXPECT_EQ(reports[1].at("message"), "two");
  EXPECT_EQ(StepAndState(reports[2]), "kubeadm-join succeeded");
}

TEST_F(RunStep, StepThatCannotKeepItsLogStillSucceeds) {
  node_.Write("/var/log/firesteel/images.log/in-the-way", "");
  EXPECT_EQ(node_.Run("/opt/firesteel/run-step images /bin/echo done"), 0) << node_.printed();
}

// Seen with the real flatcar-install -f: a process of it waits for ever for a reader of a FIFO that nobody opens.
TEST_F(RunStep, StepEndsWithItsCommandWhateverTheCommandLeavesBehind) {
  for (const int status : {0, 3}) {
    ASSERT_EQ(node_.Run("rm -rf /run/firesteel/reports /wait /went-on"), 0);
    WriteCommandThatLeavesAChild("echo last words", status);
    EXPECT_EQ(node_.Run(std::string(kRunStep) + "/command"), status) << node_.printed();
    EXPECT_EQ(node_.printed(), "last words\n");
    EXPECT_THAT(Reported(), ElementsAre("install started", status == 0 ? "install succeeded" : "install failed"));
    LetTheChildGoOn();
  }
}

TEST_F(RunStep, NothingThatTheCommandWroteIsLostWhereAChildHoldsTheOutput) {
  WriteCommandThatLeavesAChild("seq 20000; echo on standard error >&2; printf 'without an end of line'", 0);
  ASSERT_EQ(node_.Run(std::string(kRunStep) + "/command"), 0);
  std::string wrote;
  for (int i = 1; i <= 20000; ++i) wrote += std::to_string(i) + "\n";
  wrote += "on standard error\nwithout an end of line\n";
  EXPECT_EQ(node_.printed(), wrote);
  EXPECT_EQ(node_.Read(kLog), wrote);
  LetTheChildGoOn();
}

TEST_F(RunStep, StepEndsWhoeverKillsTheShellThatRunsIt) {
  node_.Write("/command", "#!/bin/bash\nprintf 'last words'\nkill -KILL $PPID\n", 0755);
  EXPECT_EQ(node_.Run(std::string(kRunStep) + "/command"), 137);
  EXPECT_THAT(node_.printed(), testing::HasSubstr("last words\n"));
  EXPECT_THAT(Reported(), ElementsAre("install started", "install failed"));
}

TEST_F(RunStep, StepWithoutItsProgramFails) {
  EXPECT_EQ(node_.Run(std::string(kRunStep) + "/no/such/program"), 127);
  EXPECT_THAT(Reported(), ElementsAre("install started", "install failed"));
}

}  // namespace
}  // namespace firesteel::render
