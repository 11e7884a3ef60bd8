// The real kubectl, as cluster administrator of a test's API server.
#pragma once

#include <string>

#include "controller/kube/connection.h"
#include "tests/support/child_process.h"

namespace firesteel::test {

class Kubectl {
 public:
  // Commands run in `ns`, with a home folder of their own and deploy/ in PATH: `firesteel …` is the plugin.
  Kubectl(const kube::ConnectionConfig& config, const std::string& ns);
  ~Kubectl();
  Kubectl(const Kubectl&) = delete;
  Kubectl& operator=(const Kubectl&) = delete;

  // What follows `kubectl`, for the shell; standard error comes with the output.
  Finished operator()(const std::string& arguments) const;
  // The shell command that this would run.
  std::string CommandOf(const std::string& arguments) const;

  const std::string& folder() const { return dir_; }  // free for the test's files; removed with this

 private:
  const std::string dir_;
};

}  // namespace firesteel::test
