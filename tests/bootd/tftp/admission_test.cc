#include "bootd/tftp/admission.h"

#include <gtest/gtest.h>

namespace bootd::tftp {
namespace {

using std::chrono::seconds;

const firesteel::MonotonicTime kStart{std::chrono::hours(1)};

IpKey Client(uint8_t number) {
  IpKey key;
  key.address[15] = number;
  return key;
}

TEST(TftpAdmission, CountsTheTransfersOfEachClient) {
  Admission admission({.transfers_per_client = 2, .requests_per_client = {100, 1}, .requests = {100, 1}}, 1);
  admission.Began(Client(1));
  admission.Began(Client(1));
  EXPECT_EQ(admission.Ask(Client(1), kStart), Verdict::kTooManyOfClient);
  EXPECT_EQ(admission.Ask(Client(2), kStart), Verdict::kAdmitted);
  admission.Ended(Client(1));
  EXPECT_EQ(admission.Ask(Client(1), kStart), Verdict::kAdmitted);
}

TEST(TftpAdmission, BoundsTheRateOfOneClientAndOfAll) {
  Admission admission({.transfers_per_client = 9, .requests_per_client = {2, 1}, .requests = {3, 1}}, 1);
  EXPECT_EQ(admission.Ask(Client(1), kStart), Verdict::kAdmitted);
  EXPECT_EQ(admission.Ask(Client(1), kStart), Verdict::kAdmitted);
  EXPECT_EQ(admission.Ask(Client(1), kStart), Verdict::kTooFast);
  EXPECT_EQ(admission.Ask(Client(2), kStart), Verdict::kAdmitted);
  EXPECT_EQ(admission.Ask(Client(2), kStart), Verdict::kTooFast) << "three are all that fit";
  EXPECT_EQ(admission.Ask(Client(1), kStart + seconds(1)), Verdict::kAdmitted);
  EXPECT_EQ(admission.Ask(Client(1), kStart + seconds(1)), Verdict::kTooFast);
}

TEST(TftpEndpoint, AClientIsTheSameOverBothFamilies) {
  in_addr v4{};
  v4.s_addr = htonl(0x0a000001);
  in6_addr v6{};
  v6.s6_addr[10] = v6.s6_addr[11] = 0xff;
  v6.s6_addr[12] = 10;
  v6.s6_addr[15] = 1;
  EXPECT_EQ(Endpoint::Ipv4(v4).client(), Endpoint::Ipv6(v6).client());
  EXPECT_EQ(Endpoint::Ipv6(v6).ip(), "10.0.0.1");
  EXPECT_EQ(Endpoint::Ipv6(v6).WithoutMapping(), Endpoint::Ipv4(v4));
}

}  // namespace
}  // namespace bootd::tftp
