// A test with a lab of its own; skipped where the programs are not built.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/lab.h"
#include "tests/support/shared_api_server.h"

namespace firesteel::test {

class LabTest : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    lab_ = std::make_unique<Lab>(*SharedServer());
  }

  std::unique_ptr<Lab> lab_;  // nullptr only where the test is skipped
};

}  // namespace firesteel::test
