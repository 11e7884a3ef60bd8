// A kube::Client for tests that override what they need: every call fails as not found, and a watch lasts until it is
// stopped.
#pragma once

#include <condition_variable>
#include <mutex>

#include "controller/kube/client.h"

namespace firesteel::test {

class FakeClient : public kube::Client {
 public:
  Result<nlohmann::json> Get(const kube::Resource&, const api::ObjectKey&) override { return NotFound("fake"); }
  Result<kube::ObjectPage> List(const kube::Resource&, const kube::ListOptions&) override { return kube::ObjectPage{{}, "1", ""}; }
  Status Watch(const kube::Resource&, const kube::WatchOptions&, const std::function<void(kube::WatchEvent)>&, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock(mutex);
    stopped.wait(lock, stop, [] { return false; });
    return {};
  }
  Result<nlohmann::json> Create(const kube::Resource&, const std::string&, const nlohmann::json&) override { return NotFound("fake"); }
  Result<std::string> MergePatch(const kube::Resource&, const api::ObjectKey&, kube::Subresource, const nlohmann::json&) override {
    return NotFound("fake");
  }
  Status Delete(const kube::Resource&, const api::ObjectKey&) override { return NotFound("fake"); }
};

}  // namespace firesteel::test
