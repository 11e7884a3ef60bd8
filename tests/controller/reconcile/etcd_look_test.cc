// etcd members that swallow packets cost a worker little time, and lead to no wrong conclusion.
#include <gmock/gmock.h>

#include <set>

#include "controller/kube/etcd.h"
#include "controller/reconcile/etcd_access.h"
#include "tests/support/hand_clock.h"

namespace firesteel::reconcile {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A cluster's members by name, as a network would let them be seen: a call to one that is cut off takes all of its time.
class Etcd {
 public:
  std::set<std::string> cut_off;
  bool has_quorum = true;
  std::vector<std::string> asked;  // since the last look
  test::HandClock clock;
  EtcdBackoffs backoffs{clock};

  // As node3's host would, of the other two.
  plan::EtcdView Look() {
    asked.clear();
    const MonotonicTime start = clock.now;
    const plan::EtcdView view = AskEtcd({{Url("node1"), Url("node2")}, "node3", {}}, [this](const auto& url, auto timeout) { return Dial(url, timeout); }, backoffs);
    took = std::chrono::duration_cast<milliseconds>(clock.now - start);
    return view;
  }
  milliseconds took{0};

 private:
  class Member : public kube::HttpClient {
   public:
    Member(Etcd& etcd, std::string name, milliseconds timeout) : etcd_(etcd), name_(std::move(name)), timeout_(timeout) {}
    Result<kube::HttpResponse> Send(const kube::HttpRequest& request) override {
      etcd_.asked.push_back(name_);
      const bool waits = request == kube::EtcdListMembersRequest(kube::EtcdRead::kLinearizable) && !etcd_.has_quorum;
      if (waits || etcd_.cut_off.count(name_) != 0) {
        etcd_.clock.now += timeout_;
        return Unavailable("no answer");
      }
      if (request == kube::EtcdHealthRequest()) return kube::HttpResponse{200, R"({"health":"true"})", 0};
      return kube::HttpResponse{200, R"({"members":[
          {"ID":"1","name":"node1","clientURLs":["https://node1:2379"]},
          {"ID":"2","name":"node2","clientURLs":["https://node2:2379"]},
          {"ID":"3","name":"node3","clientURLs":["https://node3:2379"]}]})", 0};
    }

   private:
    Etcd& etcd_;
    const std::string name_;
    const milliseconds timeout_;
  };
  static std::string Url(const std::string& name) { return "https://" + name + ":2379"; }
  std::unique_ptr<kube::HttpClient> Dial(const std::string& url, milliseconds timeout) {
    return std::make_unique<Member>(*this, url.substr(8, 5), timeout);
  }
};

TEST(EtcdLook, SeesAllThatAnswer) {
  Etcd etcd;
  const plan::EtcdView view = etcd.Look();
  EXPECT_EQ(view.error, "");
  EXPECT_EQ(view.voters, 3);
  EXPECT_EQ(view.healthy_others, 2);
  EXPECT_TRUE(view.member_healthy);
}

TEST(EtcdLook, TakesEightSecondsAtMostAndThenLeavesOutWhatWasSilent) {
  Etcd etcd;
  etcd.cut_off = {"node1", "node3"};
  const plan::EtcdView first = etcd.Look();
  EXPECT_EQ(etcd.took, seconds(8));
  EXPECT_EQ(first.error, "some of its members take too long to answer; the next look leaves them out") << "node3 had two seconds";
  etcd.clock.now += seconds(5);  // as plans look again
  const plan::EtcdView second = etcd.Look();
  EXPECT_LE(etcd.took, seconds(3)) << "node3's own member alone";
  EXPECT_EQ(second.error, "");
  EXPECT_EQ(second.healthy_others, 1);
  EXPECT_FALSE(second.member_healthy);
  EXPECT_THAT(etcd.asked, testing::Not(testing::Contains("node1")));
}

TEST(EtcdLook, AsksTheHostsOwnMemberHoweverLongItWasSilent) {
  Etcd etcd;
  etcd.cut_off = {"node3"};
  etcd.Look();
  etcd.cut_off.clear();
  EXPECT_TRUE(etcd.Look().member_healthy) << "a member that runs again must not be removed as dead";
}

TEST(EtcdLook, AMemberThatAnswersAgainIsSeenAfterThePause) {
  Etcd etcd;
  etcd.cut_off = {"node1"};
  etcd.Look();
  etcd.Look();
  etcd.cut_off.clear();
  etcd.clock.now += seconds(30);
  EXPECT_EQ(etcd.Look().healthy_others, 2);
}

TEST(EtcdLook, WithoutAQuorumWhatOneMemberSaysIsStillHeard) {
  Etcd etcd;
  etcd.has_quorum = false;
  etcd.cut_off = {"node2", "node3"};
  etcd.Look();
  const plan::EtcdView view = etcd.Look();
  EXPECT_LE(etcd.took, seconds(8));
  EXPECT_EQ(view.error, "");
  EXPECT_EQ(view.voters, 3);
  EXPECT_EQ(view.healthy_others, 1);
}

TEST(EtcdLook, AClusterOfWhichNothingAnswersCostsNothingInItsPauses) {
  Etcd etcd;
  etcd.cut_off = {"node1", "node2", "node3"};
  etcd.Look();
  etcd.Look();
  milliseconds worked{0};
  for (int look = 0; look < 120; ++look) {  // ten minutes, every five seconds
    etcd.clock.now += seconds(5);
    EXPECT_NE(etcd.Look().error, "");
    worked += etcd.took;
  }
  EXPECT_LE(worked, seconds(200)) << "a quarter of one worker's time";
}

}  // namespace
}  // namespace firesteel::reconcile
