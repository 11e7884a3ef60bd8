#include "controller/reconcile/cluster_keys.h"

#include <gtest/gtest.h>

#include <barrier>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "base/encoding.h"
#include "controller/pki/certificates.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

class FixedClock : public Clock {
 public:
  WallTime Now() const override { return {}; }
  MonotonicTime Monotonic() const override { return monotonic; }
  MonotonicTime monotonic;
};

class ClusterKeysTest : public testing::Test {
 protected:
  void Put(const std::string& suffix, const pki::KeyPair& pair) {
    const json secret = {{"metadata", {{"namespace", "ns"}, {"name", "demo" + suffix}}},
                         {"data", {{"tls.crt", Base64Encode(pair.certificate)}, {"tls.key", Base64Encode(pair.key)}}}};
    secrets_.Update({"ns", "demo" + suffix}, &secret);
  }
  void PutAll() {
    for (const char* suffix : {"-ca", "-etcd", "-proxy"}) Put(suffix, *pki::GenerateCa("x", SystemClock().Now()));
    Put("-sa", *pki::GenerateServiceAccountKey());
  }

  const api::ObjectKey demo_{"ns", "demo"};
  ObjectIndex<api::Secret> secrets_{api::SecretFromJson};
  FixedClock clock_;
  ClusterKeys keys_{secrets_, clock_};
};

TEST_F(ClusterKeysTest, WhoAsksAtOnceWaitsForOneReading) {
  PutAll();
  constexpr int kAsk = 8;
  std::barrier together(kAsk);
  std::array<PkiPtr, kAsk> found;
  {
    std::vector<std::jthread> threads;
    for (PkiPtr& pki : found) {
      threads.emplace_back([&] {
        together.arrive_and_wait();
        pki = keys_.Find(demo_);
      });
    }
  }
  EXPECT_TRUE(found.front()->ok());
  EXPECT_EQ(std::set<PkiPtr>(found.begin(), found.end()).size(), 1u) << "read more than once";
}

TEST_F(ClusterKeysTest, WhatWasReadIsForgottenWithTheSecretsItWasReadFrom) {
  EXPECT_EQ(keys_.Find(demo_)->error().code, Code::kNotFound);
  PutAll();
  const PkiPtr whole = keys_.Find(demo_);
  ASSERT_TRUE(whole->ok());
  EXPECT_EQ(keys_.Find(demo_), whole);
  const pki::KeyPair other = *pki::GenerateCa("other", SystemClock().Now());
  Put("-etcd", other);
  EXPECT_EQ((*keys_.Find(demo_))->etcd.certificate, other.certificate);
  Put("-etcd", {other.certificate, "junk"});
  EXPECT_EQ(keys_.Find(demo_)->error().code, Code::kInvalidArgument);
  secrets_.Update({"ns", "demo-etcd"}, nullptr);
  EXPECT_EQ(keys_.Find(demo_)->error().code, Code::kNotFound);
}

TEST_F(ClusterKeysTest, AClusterHasAHeadStartFromWhenItIsFirstAskedFor) {
  using std::chrono::milliseconds;
  EXPECT_EQ(keys_.HeadStart(demo_), milliseconds(0)) << "nobody asked";
  keys_.Find(demo_);
  EXPECT_EQ(keys_.HeadStart(demo_), milliseconds(15000));
  PutAll();
  clock_.monotonic += milliseconds(14000);
  keys_.Find(demo_);
  EXPECT_EQ(keys_.HeadStart(demo_), milliseconds(1000));
  clock_.monotonic += milliseconds(1000);
  EXPECT_EQ(keys_.HeadStart(demo_), milliseconds(0));
  keys_.Forget(demo_);
  keys_.Find(demo_);
  EXPECT_EQ(keys_.HeadStart(demo_), milliseconds(15000));
}

}  // namespace
}  // namespace firesteel::reconcile
