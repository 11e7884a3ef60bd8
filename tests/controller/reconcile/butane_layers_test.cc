// How often Butane is fetched, and what an API server that does not answer means.
#include "controller/reconcile/butane_layers.h"

#include <gtest/gtest.h>

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

class FixedClock : public Clock {
 public:
  WallTime Now() const override { return {}; }
  MonotonicTime Monotonic() const override { return monotonic; }
  MonotonicTime monotonic;
};

// Answers every GET with `answer`.
class OneAnswer : public kube::Client {
 public:
  Result<json> Get(const kube::Resource&, const api::ObjectKey&) override {
    ++gets;
    return answer;
  }
  Result<kube::ObjectPage> List(const kube::Resource&, const kube::ListOptions&) override { return NotFound(""); }
  Status Watch(const kube::Resource&, const kube::WatchOptions&, const std::function<void(kube::WatchEvent)>&, std::stop_token) override { return {}; }
  Result<json> Create(const kube::Resource&, const std::string&, const json&) override { return NotFound(""); }
  Result<std::string> MergePatch(const kube::Resource&, const api::ObjectKey&, kube::Subresource, const json&) override { return NotFound(""); }
  Status Delete(const kube::Resource&, const api::ObjectKey&) override { return {}; }

  Result<json> answer = NotFound("configmaps \"motd\" not found");
  int gets = 0;
};

json ConfigMap(const std::string& text) { return {{"data", {{"butane.yaml", text}}}}; }

constexpr char kGood[] = "variant: flatcar\nversion: 1.0.0\nstorage:\n  files:\n    - path: /etc/motd\n      contents: {inline: hello}\n";

class ButaneReaderTest : public testing::Test {
 protected:
  ButaneReaderTest() {
    api::Cluster cluster;
    cluster.metadata.name = "demo";
    cluster.metadata.ns = "ns";
    cluster.spec.kubernetes_version = "v1.36.3";
    view_.cluster = std::make_shared<api::Cluster>(cluster);
    view_.host.metadata.name = "a";
    view_.host.metadata.ns = "ns";
    api::ButaneSource source;
    source.name = "motd";
    source.key = "butane.yaml";
    view_.host.spec.butane_from = {source};
  }

  OneAnswer client_;
  FixedClock clock_;
  ButaneReader reader_{client_, clock_};
  plan::HostView view_;
};

TEST_F(ButaneReaderTest, AnApiServerThatDoesNotAnswerIsNoMissingConfigMap) {
  client_.answer = Unavailable("connection refused");
  const Result<plan::ButaneLayers> layers = reader_.Read(view_);
  ASSERT_FALSE(layers.ok());
  EXPECT_EQ(layers.error().code, Code::kUnavailable);
  EXPECT_NE(layers.error().message.find("motd"), std::string::npos) << layers.error().message;
  client_.answer = ConfigMap(kGood);
  EXPECT_TRUE(reader_.Read(view_).ok()) << "asked again at once";
}

TEST_F(ButaneReaderTest, AConfigMapThatIsNotThereIsMissing) {
  const Result<plan::ButaneLayers> layers = reader_.Read(view_);
  ASSERT_TRUE(layers.ok());
  EXPECT_NE(layers->missing, "");
  client_.answer = ConfigMap(kGood);
  clock_.monotonic += std::chrono::seconds(5);
  EXPECT_EQ(reader_.Read(view_)->missing, "");
}

TEST_F(ButaneReaderTest, HostsThatLookTogetherFetchAConfigMapOnce) {
  client_.answer = ConfigMap(kGood);
  for (const char* host : {"a", "b", "c"}) {
    view_.host.metadata.name = host;
    EXPECT_EQ(reader_.Read(view_)->layers.size(), 1u);
  }
  EXPECT_EQ(client_.gets, 1);
}

TEST_F(ButaneReaderTest, AChangedConfigMapIsSeenAndCheckedAgain) {
  client_.answer = ConfigMap(kGood);
  EXPECT_EQ(reader_.Read(view_)->invalid, "");
  client_.answer = ConfigMap("variant: flatcar\nversion: 1.0.0\nstorage:\n  files:\n    - path: /etc/firesteel/kubeadm.yaml\n      contents: {inline: mine}\n");
  clock_.monotonic += std::chrono::seconds(5);
  EXPECT_NE(reader_.Read(view_)->invalid, "") << "the file is Firesteel's";
  EXPECT_NE(reader_.Read(view_)->invalid, "") << "kept";
  client_.answer = ConfigMap("variant: flatcar\nversion: 1.0.0\nstorage: nonsense\n");
  clock_.monotonic += std::chrono::seconds(5);
  EXPECT_NE(reader_.Read(view_)->invalid, "");
  client_.answer = ConfigMap(kGood);
  clock_.monotonic += std::chrono::seconds(5);
  EXPECT_EQ(reader_.Read(view_)->invalid, "");
}

}  // namespace
}  // namespace firesteel::reconcile
