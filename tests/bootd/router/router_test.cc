// What each path means, asked as the servers ask it.
#include "bootd/router/router.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/file.h"
#include "bootd/http/server.h"
#include "bootd/router/report_parser.h"

namespace bootd::router {
namespace {

using firesteel::contract::EventKind;

// Tells what it is told to tell.
class SetClock : public firesteel::Clock {
 public:
  firesteel::WallTime Now() const override { return wall; }
  firesteel::MonotonicTime Monotonic() const override { return steady; }
  firesteel::WallTime wall = firesteel::SystemClock().Now();
  firesteel::MonotonicTime steady = firesteel::SystemClock().Monotonic();
};

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    std::filesystem::create_directories(dir_ + "/assets");
    EXPECT_TRUE(firesteel::WriteFileAtomically(dir_ + "/assets/undionly.kpxe", "loader", 0644).ok());
    assets_ = std::make_unique<artifacts::AssetRoot>(dir_ + "/assets");
    deliveries_ = std::move(*core::DeliveryLog::Open(""));
    installs_ = std::move(*core::InstallLog::Open(""));
    mirror_ = std::move(*artifacts::Mirror::Open(dir_ + "/data", [](const auto&) {}));
    router_ = std::make_unique<Router>(Parts{table_, events_, *deliveries_, *installs_, chain_, metrics_, *assets_, mirror_.get(),
                                         clock_, "http://10.0.0.1", "https://10.0.0.1", "CA"});
  }
  ~RouterTest() override { std::filesystem::remove_all(dir_); }

  void Hold() { Declare(firesteel::contract::BootIntent::kHold, false); }
  void Declare(firesteel::contract::BootIntent intent, bool ignition) {
    firesteel::contract::BootEntry entry;
    entry.id = "default/node1";
    entry.mac = *firesteel::MacAddress::Parse("52:54:00:77:00:01");
    entry.boot_id = "b1";
    entry.intent = intent;
    entry.hold_reason = "not yet";
    entry.kernel = "os/vmlinuz";
    entry.initrds = {"os/initrd.gz"};
    entry.kernel_arguments = {"console=ttyS0", "a$b"};
    if (ignition) {
      entry.ignition = firesteel::contract::Ignition{"{}", firesteel::Sha512Hex("{}"), "fetch", "report",
                                                     clock_.wall + std::chrono::hours(1), false};
    }
    ASSERT_TRUE(table_.Replace({entry}).ok());
  }
  // Has the mirror hold a file of that name.
  void Mirror(const std::string& name) {
    auto upstream = std::move(*http::Server::Start({.listen = {"127.0.0.1", 0}, .tls = {}}, [](const http::Request& request) {
      return http::TextReply(200, std::string(request.path));
    }));
    const std::string url = "http://127.0.0.1:" + std::to_string(upstream->port()) + "/file";
    mirror_->SetDesired({{name, url, firesteel::contract::ExpectedSha256{firesteel::Sha256Hex("/file\n")}}});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!mirror_->Find(name).ok() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  http::Reply Get(const std::string& path, bool encrypted = false, const std::string& bearer = "") {
    http::Request request;
    request.path = path;
    request.encrypted = encrypted;
    request.bearer = bearer;
    request.client_ip = "10.0.0.99";
    return router_->HandleHttp(request);
  }
  http::Reply Head(const std::string& path) {
    http::Request request;
    request.method = http::Method::kHead;
    request.path = path;
    request.client_ip = "10.0.0.99";
    return router_->HandleHttp(request);
  }
  http::Reply Post(const std::string& path, const std::string& bearer, const std::string& body) {
    http::Request request;
    request.method = http::Method::kPost;
    request.path = path;
    request.encrypted = true;
    request.bearer = bearer;
    request.body = body;
    return router_->HandleHttp(request);
  }
  static std::string Body(const http::Reply& reply) { return std::get<core::BytesContent>(reply.content).bytes; }
  std::vector<EventKind> Kinds() const {
    std::vector<EventKind> kinds;
    for (const auto& event : events_.Since(0, 100)) kinds.push_back(event.kind);
    return kinds;
  }

  const std::string dir_ = testing::TempDir() + "firesteel-router-" + firesteel::RandomHex(4);
  SetClock clock_;
  core::BootTable table_;
  core::EventLog events_;
  core::LoaderChain chain_;
  core::Metrics metrics_;
  std::unique_ptr<artifacts::AssetRoot> assets_;
  std::unique_ptr<core::DeliveryLog> deliveries_;
  std::unique_ptr<core::InstallLog> installs_;
  std::unique_ptr<artifacts::Mirror> mirror_;
  std::unique_ptr<Router> router_;
};

constexpr char kIgnition[] = "/ignition/52-54-00-77-00-01";
constexpr char kScript[] = "/ipxe/52-54-00-77-00-01";

TEST_F(RouterTest, AHostThatMayBootGetsItsKernelAndItsIgnitionUrl) {
  Declare(firesteel::contract::BootIntent::kNetboot, false);
  const std::string script = Body(Get(kScript));
  EXPECT_NE(script.find("kernel http://10.0.0.1/artifacts/os/vmlinuz initrd=initrd.gz"), std::string::npos) << script;
  EXPECT_NE(script.find("ignition.config.url=http://10.0.0.1/ignition/52-54-00-77-00-01 console=ttyS0 a$b"), std::string::npos);
  EXPECT_EQ(Kinds(), std::vector{EventKind::kScript});
}

TEST_F(RouterTest, WhoOnlyAsksAboutAScriptBootsNothing) {
  Declare(firesteel::contract::BootIntent::kNetboot, false);
  EXPECT_EQ(Body(Head(kScript)), Body(Get(kScript)));
  EXPECT_EQ(Kinds(), std::vector{EventKind::kScript}) << "of the GET";
}

TEST_F(RouterTest, DownloadsOfSeveralMachinesBehindOneAddressAreToldOfNone) {
  Declare(firesteel::contract::BootIntent::kNetboot, false);
  firesteel::contract::BootEntry first = *table_.FindById("default/node1");
  firesteel::contract::BootEntry second = first;
  second.id = "default/node2";
  second.mac = *firesteel::MacAddress::Parse("52:54:00:77:00:02");
  Mirror("os/vmlinuz");
  const auto kernels = [this] {
    std::vector<std::string> hosts;
    for (const auto& event : events_.Since(0, 100)) {
      if (event.kind == EventKind::kKernel) hosts.push_back(event.entry_id);
    }
    return hosts;
  };
  Get(kScript);
  EXPECT_EQ(Get("/artifacts/os/vmlinuz").status, 200);
  EXPECT_EQ(kernels(), std::vector<std::string>{"default/node1"});
  ASSERT_TRUE(table_.Replace({first, second}).ok());
  Get("/ipxe/52-54-00-77-00-02");
  clock_.wall += std::chrono::seconds(20);
  EXPECT_EQ(Get("/artifacts/os/vmlinuz").status, 200);
  EXPECT_EQ(kernels().size(), 1u);
}

TEST_F(RouterTest, AHostOnHoldIsToldWhy) {
  Hold();
  EXPECT_NE(Body(Get(kScript)).find("not yet"), std::string::npos);
  EXPECT_EQ(Kinds(), std::vector{EventKind::kHeld});
}

TEST_F(RouterTest, AMachineThatSaysItIsInstalledStartsFromItsDiskWhateverTheControllerKnows) {
  const std::string report = R"({"bootID": "b1", "step": "install", "state": "succeeded"})";
  Declare(firesteel::contract::BootIntent::kNetboot, true);
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "report", R"({"bootID": "b1", "step": "install", "state": "started"})").status, 204);
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "report", R"({"bootID": "b0", "step": "install", "state": "succeeded"})").status, 204);
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "wrong", report).status, 403);
  EXPECT_NE(Body(Get(kScript)).find("kernel "), std::string::npos);
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "report", report).status, 204);
  EXPECT_NE(Body(Get(kScript)).find("\nexit 1\n"), std::string::npos);
  Declare(firesteel::contract::BootIntent::kHold, true);
  EXPECT_NE(Body(Get(kScript)).find("\nexit 1\n"), std::string::npos);
}

TEST_F(RouterTest, AHostThatStartsFromItsDiskIsToldToLeave) {
  Declare(firesteel::contract::BootIntent::kLocal, false);
  EXPECT_NE(Body(Get(kScript)).find("\nexit 1\n"), std::string::npos);
  EXPECT_TRUE(Kinds().empty());
}

TEST_F(RouterTest, SumsOfUpdatesAreForHttpsOnlyAndListNothingThatIsNotVerified) {
  const std::string path = "/artifacts/updates/default/demo/kubernetes/SHA256SUMS";
  EXPECT_EQ(Get(path, true).status, 503) << "no controller has spoken";
  Hold();
  EXPECT_EQ(Get(path, true).status, 404);
  mirror_->SetDesired({{"updates/default/demo/kubernetes/kubernetes-v1.36.3.raw", "http://127.0.0.1:1/none",
                        firesteel::contract::ExpectedSha256{std::string(64, 'a')}}});
  EXPECT_EQ(Get(path, true).status, 503);
  EXPECT_EQ(Get(path, false).status, 403);
}

// B6: a paused, retained or foreign machine, whose entry a restarted bootd does not have.
TEST_F(RouterTest, AnUnknownMachineGoesOnWithItsDiskAndWaitsWhileNobodyKnows) {
  const std::string waiting = Body(Get("/ipxe/52-54-00-77-00-02"));
  EXPECT_NE(waiting.find("bootd waits for its controller"), std::string::npos) << waiting;
  EXPECT_EQ(waiting.find("exit"), std::string::npos);
  EXPECT_EQ(waiting.find("reboot"), std::string::npos);
  Hold();
  const std::string unknown = Body(Get("/ipxe/52-54-00-77-00-02"));
  EXPECT_NE(unknown.find("52:54:00:77:00:02) is not known"), std::string::npos) << unknown;
  EXPECT_EQ(unknown.substr(unknown.size() - 7), "exit 1\n");
  EXPECT_EQ(unknown.find("reboot"), std::string::npos);
}

TEST_F(RouterTest, AnUnknownMachineIsRefusedOnceAControllerHasSpoken) {
  EXPECT_EQ(Get("/ignition/52-54-00-77-00-02").status, 503);
  EXPECT_EQ(Get("/artifacts/os/vmlinuz").status, 503);
  Hold();
  EXPECT_EQ(Get("/ignition/52-54-00-77-00-02").status, 404);
  EXPECT_EQ(Get("/ipxe/junk").status, 404);
  EXPECT_EQ(Get("/artifacts/os/vmlinuz").status, 404);
  EXPECT_EQ(Kinds(), std::vector{EventKind::kUnknownMac});
}

TEST_F(RouterTest, IgnitionThatIsNotReadyIsNever404) {
  Declare(firesteel::contract::BootIntent::kNetboot, false);
  EXPECT_EQ(Get(kIgnition).status, 503);
  Hold();
  EXPECT_EQ(Get(kIgnition).status, 503);
}

class Stage2 : public RouterTest {
 protected:
  Stage2() { Declare(firesteel::contract::BootIntent::kNetboot, true); }
  http::Reply Fetch(const std::string& ip = "10.0.0.99") {
    http::Request request;
    request.path = kPath;
    request.encrypted = true;
    request.bearer = "fetch";
    request.client_ip = ip;
    return router_->HandleHttp(request);
  }
  static void End(const http::Reply& reply, bool complete) { std::get<core::BytesContent>(reply.content).on_end(complete); }
  static constexpr char kPath[] = "/ignition/52-54-00-77-00-01/stage2";
};

TEST_F(Stage2, IsDeliveredOnce) {
  const nlohmann::json stage1 = nlohmann::json::parse(Body(Get(kIgnition)));
  EXPECT_EQ(stage1.at("ignition").at("config").at("merge").at(0).at("verification").at("hash"), "sha512-" + firesteel::Sha512Hex("{}"));
  EXPECT_EQ(Get(kPath, false, "fetch").status, 403);
  EXPECT_EQ(Get(kPath, true, "wrong").status, 403);
  const http::Reply whole = Fetch();
  EXPECT_EQ(Body(whole), "{}");
  End(whole, true);
  EXPECT_EQ(Fetch().status, 410);
  EXPECT_EQ(Get(kIgnition).status, 410);
  EXPECT_NE(Body(Get(kScript)).find("holds"), std::string::npos) << "a machine that starts again waits for the controller";
}

TEST_F(Stage2, ASecondReaderIsRefusedWhileOneReadsAndThatIsTold) {
  const http::Reply first = Fetch("10.0.0.1");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(Fetch("10.0.0.2").status, 503) << "Ignition would give up below 500";
  EXPECT_EQ(events_.Since(0, 100).back().kind, EventKind::kIgnitionRefused);
  EXPECT_EQ(events_.Since(0, 100).back().detail, "being-delivered");
  End(first, true);
  EXPECT_EQ(Fetch("10.0.0.2").status, 410);
}

TEST_F(Stage2, ATransferThatBrokeOffIsToldAndMayBeRepeated) {
  End(Fetch("10.0.0.66"), false);
  EXPECT_EQ(Kinds(), std::vector{EventKind::kIgnitionBroken});
  EXPECT_EQ(events_.Since(0, 100).back().client_address, "10.0.0.66");
  EXPECT_EQ(Fetch("10.0.0.1").status, 200);
}

TEST_F(Stage2, AReaderThatComesAgainAndAgainDoesNotKeepTheMachineAway) {
  const http::Reply slow = Fetch("10.0.0.66");
  EXPECT_TRUE(std::get<core::BytesContent>(slow.content).time_limit) << "the server cuts it off";
  EXPECT_EQ(Fetch("10.0.0.1").status, 503);
  End(slow, false);
  EXPECT_EQ(Fetch("10.0.0.66").status, 503);
  EXPECT_EQ(Fetch("10.0.0.1").status, 200);
}

TEST_F(Stage2, AHeadDeliversNothing) {
  http::Request request;
  request.method = http::Method::kHead;
  request.path = kPath;
  request.encrypted = true;
  request.bearer = "fetch";
  EXPECT_FALSE(std::get<core::BytesContent>(router_->HandleHttp(request).content).on_end);
  EXPECT_EQ(Fetch().status, 200);
}

TEST_F(RouterTest, ReportsNeedTheirTokenAndBecomeEvents) {
  Declare(firesteel::contract::BootIntent::kNetboot, true);
  const std::string body = R"({"bootID":"b1","step":"images","state":"failed","message":"m","log":"l"})";
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "fetch", body).status, 403);
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "report", "junk").status, 400);
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "report", body).status, 204);
  EXPECT_EQ(events_.Since(0, 100).back().report->step, "images");
  const http::Reply refused = Post("/ipxe/52-54-00-77-00-01", "", "");
  EXPECT_EQ(refused.status, 405);
  using Header = std::pair<std::string, std::string>;
  EXPECT_EQ(refused.headers.back(), (Header{"Allow", "GET, HEAD"})) << "RFC 9110 §15.5.6";
  EXPECT_EQ(Get("/report/52-54-00-77-00-01").headers.back(), (Header{"Allow", "POST"}));
}

TEST_F(RouterTest, AMachineThatFloodsUsWithReportsDoesNotPushOutWhatOthersTold) {
  Declare(firesteel::contract::BootIntent::kNetboot, true);
  const std::string body = R"({"bootID":"b1","step":"images","state":"failed","message":"m","log":"l"})";
  const auto post = [&] { return Post("/report/52-54-00-77-00-01", "report", body).status; };
  for (int i = 0; i < 60; ++i) EXPECT_EQ(post(), 204);
  for (int i = 0; i < 20000; ++i) ASSERT_EQ(post(), 429);
  EXPECT_EQ(events_.Since(0, 1000).size(), 60u);
  EXPECT_EQ(events_.dropped(), 0u);
  clock_.steady += std::chrono::seconds(60);
  EXPECT_EQ(post(), 204);
}

TEST_F(RouterTest, StrangersDoNotPushOutWhatAMachineTold) {
  Declare(firesteel::contract::BootIntent::kNetboot, true);
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "report", R"({"bootID":"b1","step":"images","state":"started"})").status, 204);
  for (int i = 0; i < 20000; ++i) {
    const std::string two_bytes{static_cast<char>(i / 256), static_cast<char>(i % 256)};
    Get("/ipxe/" + firesteel::MacAddress::FromBytes(std::string("\x02\0\0\0", 4) + two_bytes)->ToHyphens());
  }
  EXPECT_EQ(events_.Since(0, 1).at(0).kind, EventKind::kReport);
}

// Tokens expire by the wall clock, which is the controller's too; all else goes by the steady clock.
TEST_F(RouterTest, AClockThatJumpsLosesNoMachine) {
  Declare(firesteel::contract::BootIntent::kNetboot, true);
  const std::string stage2 = std::string(kIgnition) + "/stage2";
  EXPECT_EQ(Get(kIgnition).status, 200);
  clock_.wall += std::chrono::hours(24 * 365);  // too far: the machine waits for the controller to renew it
  EXPECT_EQ(Get(kIgnition).status, 503);
  EXPECT_EQ(Get(stage2, true, "fetch").status, 410);
  EXPECT_EQ(Post("/report/52-54-00-77-00-01", "report", R"({"bootID":"b1","step":"images","state":"started"})").status, 204);
  clock_.wall -= std::chrono::hours(24 * 365 * 50);  // and to before the epoch of the boot
  EXPECT_EQ(Get(kIgnition).status, 200);
  EXPECT_EQ(Get(stage2, true, "fetch").status, 200);
  EXPECT_EQ(Get(kScript).status, 200);
  // Time that went back silences nobody: what was news before is news again, and only once.
  const auto scripts = [&] {
    const std::vector<EventKind> kinds = Kinds();
    return std::count(kinds.begin(), kinds.end(), EventKind::kScript);
  };
  const auto before = scripts();
  clock_.wall -= std::chrono::hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get(kScript).status, 200);
  EXPECT_EQ(scripts(), before + 1);
}

TEST_F(RouterTest, TheLoaderThatIpxeAsksForIsTheScript) {
  Hold();
  auto first = router_->HandleTftp({"undionly.kpxe", "10.0.0.9", "tsize=0,blksize=1456"});
  ASSERT_TRUE(std::holds_alternative<core::FileContent>(first));
  std::get<core::FileContent>(first).on_end(true);
  const auto second = router_->HandleTftp({"/undionly.kpxe", "10.0.0.9", "blksize=1432,tsize=0"});
  ASSERT_TRUE(std::holds_alternative<core::BytesContent>(second));
  EXPECT_EQ(std::get<core::BytesContent>(second).bytes.rfind("#!ipxe", 0), 0u);
  EXPECT_TRUE(std::holds_alternative<tftp::Refused>(router_->HandleTftp({"../data", "10.0.0.9"})));
  EXPECT_TRUE(std::holds_alternative<core::BytesContent>(router_->HandleTftp({"autoexec.ipxe", "10.0.0.9"})));
}

TEST(Report, KeepsTheEndOfALongLogAndDropsWhatIsNotText) {
  const std::string log(9000, 'x');
  const auto report = ParseReport(R"({"bootID":"b","step":"s","state":"started","message":"a\u0007b","log":")" + log + "END\"}");
  EXPECT_EQ(report->log_tail.size(), 8192u);
  EXPECT_EQ(report->log_tail.substr(8189), "END");
  EXPECT_EQ(report->message, "a?b");
}

TEST(Report, RefusesWhatIsNone) {
  for (const char* body : {"", "[]", "{}", R"({"bootID":"b","step":"S!","state":"started"})",
                           R"({"bootID":"b","step":"s","state":"done"})", R"({"step":"s","state":"started"})"}) {
    EXPECT_FALSE(ParseReport(body).ok()) << body;
  }
}

TEST_F(RouterTest, PinsARenewedAuthorityFromTheNextMachineOn) {
  Declare(firesteel::contract::BootIntent::kNetboot, true);
  const auto pinned = [this] {
    const nlohmann::json stage1 = nlohmann::json::parse(Body(Get(kIgnition)));
    return stage1.at("ignition").at("security").at("tls").at("certificateAuthorities").at(0).at("source").get<std::string>();
  };
  EXPECT_EQ(pinned(), "data:;base64," + firesteel::Base64Encode("CA"));
  router_->PinAuthority("CA, and the next one");
  EXPECT_EQ(pinned(), "data:;base64," + firesteel::Base64Encode("CA, and the next one"));
}

}  // namespace
}  // namespace bootd::router
