// A mirror, and our own HTTP server on loopback that it downloads from.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/file.h"
#include "bootd/artifacts/mirror.h"
#include "bootd/http/server.h"

namespace bootd::artifacts {

namespace fs = std::filesystem;
using firesteel::contract::Artifact;
using firesteel::contract::ArtifactState;
using firesteel::contract::ArtifactStatus;

class MirrorTest : public testing::Test {
 protected:
  MirrorTest() {
    fs::create_directories(dir_ + "/www");
    auto server = http::Server::Start({.listen = {"127.0.0.1", 0}, .tls = {}}, [this](const http::Request& request) {
      ++requests_;
      http::Reply reply;
      reply.content = core::FileContent{dir_ + "/www" + std::string(request.path), {}};
      return reply;
    });
    server_ = std::move(*server);
    OpenMirror();
  }
  ~MirrorTest() override {
    mirror_.reset();
    server_.reset();
    fs::remove_all(dir_);
  }

  void OpenMirror() {
    mirror_.reset();
    mirror_ = std::move(*Mirror::Open(dir_ + "/data", [this](const ArtifactStatus& status) {
      std::lock_guard lock(mutex_);
      last_[status.name] = status;
      told_.push_back(status);
      changed_.notify_all();
    }, times_));
  }
  std::string Publish(const std::string& name, const std::string& content) {
    EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/www/" + name, content, 0644).ok());
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/" + name;
  }
  ArtifactStatus Await(const std::string& name, ArtifactState state) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return last_.count(name) != 0 && last_[name].state == state; }));
    return last_[name];
  }

  const std::string dir_ = testing::TempDir() + "firesteel-mirror-" + firesteel::RandomHex(4);
  std::atomic<int> requests_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, ArtifactStatus> last_;
  std::vector<ArtifactStatus> told_;  // all, in order
  RetryTimes times_;                  // counts from the next OpenMirror on
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Mirror> mirror_;
};

}  // namespace bootd::artifacts
