#include <gtest/gtest.h>

#include "tests/support/shared_api_server.h"

namespace firesteel::test {
namespace {

class Environment : public testing::Environment {
 public:
  void SetUp() override {
    server = KubeApiServer::Start();
    if (server != nullptr) server->ApplyCrds();
  }
  void TearDown() override { server.reset(); }
  std::unique_ptr<KubeApiServer> server;
};

Environment* const environment = static_cast<Environment*>(testing::AddGlobalTestEnvironment(new Environment));

}  // namespace

KubeApiServer* SharedServer() { return environment->server.get(); }

}  // namespace firesteel::test
