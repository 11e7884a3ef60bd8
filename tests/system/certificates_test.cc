// A new authority for both real daemons while they run, in the steps of deploy/make-certificates, with files
// that change as Kubernetes changes them: nobody is locked out and no stream is cut.
#include <gtest/gtest.h>

#include "base/certificate.h"
#include "base/encoding.h"
#include "tests/support/fake_machine.h"
#include "tests/system/lab_test.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

constexpr const char* kMac = "52:54:00:77:00:01";

size_t CountOf(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

class Certificates : public LabTest {
 protected:
  void SetUp() override {
    LabTest::SetUp();
    if (IsSkipped()) return;
    lab_->Apply(lab_->Host("node1", kMac, {{"clusterRef", {{"name", "demo"}}}, {"role", "control-plane"}}));
    lab_->Apply(lab_->Cluster("demo"));
  }
  // What stage 1 tells the machine to trust.
  std::string Pinned() const {
    const HttpAnswer stage1 = FakeMachine(lab_->boot_url(), kMac).Stage1();
    return stage1.status == 200 ? PinnedIn(stage1) : "";
  }
  static std::string PinnedIn(const HttpAnswer& stage1) {
    const json source = json::parse(stage1.body).at("ignition").at("security").at("tls").at("certificateAuthorities").at(0).at("source");
    const std::string url = source.get<std::string>();
    return *Base64Decode(url.substr(url.find(',') + 1));
  }
  std::string Stage2Hash() const {
    const HttpAnswer stage1 = FakeMachine(lab_->boot_url(), kMac).Stage1();
    if (stage1.status != 200) return "";
    return json::parse(stage1.body).at("ignition").at("config").at("merge").at(0).at("verification").at("hash").get<std::string>();
  }
  // Whether bootd's HTTPS convinces whoever trusts only `authority`.
  bool Convinces(const pki::KeyPair& authority) const {
    return HttpGet(lab_->secure_url() + "/nothing", "", authority.certificate).status != 0;
  }
  size_t Streams() const { return CountOf(lab_->bootd().Output(), "controller connected"); }
};

TEST_F(Certificates, OfANewAuthorityTakeOverWithoutARestart) {
  const pki::KeyPair before = lab_->authority();
  const pki::KeyPair next = *pki::GenerateCa("firesteel", SystemClock().Now());
  ASSERT_TRUE(Eventually([&] { return Pinned() == before.certificate; }));
  ASSERT_EQ(Streams(), 1u);
  const std::string hash = Stage2Hash();

  const std::string both = before.certificate + next.certificate;
  lab_->WriteCertificates(before, both);  // --authority trust-next
  ASSERT_TRUE(Eventually([&] { return Pinned() == both; })) << Pinned();
  EXPECT_TRUE(Eventually([&] { return Stage2Hash() != hash; })) << "the controller does not tell machines to trust it";
  EXPECT_TRUE(Convinces(before));

  lab_->WriteCertificates(next, both);  // --authority sign-with-next
  ASSERT_TRUE(Eventually([&] { return Convinces(next); }));
  EXPECT_FALSE(Convinces(before));
  const HttpAnswer config = NetBoot(FakeMachine(lab_->boot_url(), kMac));
  ASSERT_EQ(config.status, 200);
  EXPECT_EQ(FakeMachine::FileIn(config.body, "/etc/firesteel/bootd-ca.pem"), both) << "the reporter's authority is as new";
  EXPECT_EQ(FakeMachine(lab_->boot_url(), kMac).Report(config, "booted", "succeeded").status, 204);

  lab_->WriteCertificates(next, next.certificate);  // --authority forget-previous
  EXPECT_TRUE(Eventually([&] { return lab_->State(kube::kBareMetalHosts, "node1") == "Bootstrapping"; }));
  EXPECT_EQ(Streams(), 1u) << "a stream was cut";

  lab_->controller().Kill();
  lab_->controller().Start();
  EXPECT_TRUE(Eventually([&] { return Streams() == 2; })) << "the controller's new certificate is not taken";
}

TEST_F(Certificates, ThatCannotBeReadChangeNothing) {
  ASSERT_TRUE(Eventually([&] { return Pinned() == lab_->authority().certificate; }));
  lab_->WriteCertificates(lab_->authority(), "no certificate");
  ASSERT_TRUE(Eventually([&] { return lab_->bootd().Output().find("authority not renewed") != std::string::npos; }));
  EXPECT_EQ(Pinned(), lab_->authority().certificate);
}

TEST_F(Certificates, TellPrometheusWhenTheyEnd) {
  const pki::KeyPair leaf = *pki::IssueLeaf(lab_->authority(), {"x", "", {}}, SystemClock().Now());
  const auto year = std::chrono::system_clock::to_time_t(CertificateEnds(leaf.certificate)->front());
  const auto end = [&](const ChildProcess& daemon, const std::string& name) -> double {
    const std::string text = "\n" + lab_->Metrics(daemon);
    const size_t at = text.find("\n" + name + " ");
    return at == std::string::npos ? 0 : std::stod(text.substr(at + name.size() + 2));
  };
  EXPECT_TRUE(Eventually([&] { return std::abs(end(lab_->bootd(), "bootd_certificate_expiry_timestamp_seconds") - static_cast<double>(year)) < 600; }))
      << lab_->Metrics(lab_->bootd());
  EXPECT_TRUE(Eventually([&] { return std::abs(end(lab_->controller(), "firesteel_certificate_expiry_timestamp_seconds") - static_cast<double>(year)) < 600; }))
      << lab_->Metrics(lab_->controller());
}

}  // namespace
}  // namespace firesteel::test
