#include "bootd/tftp/packet.h"

#include <gtest/gtest.h>

namespace bootd::tftp {
namespace {

std::string Bytes(std::string_view text) { return std::string(text); }
#define BYTES(literal) Bytes(std::string_view(literal, sizeof(literal) - 1))

TEST(TftpPacket, ReadsARequestWithItsOptions) {
  const auto packet = ParsePacket(
      BYTES("\0\1undionly.kpxe\0OCTET\0blksize\0" "1432\0tsize\0" "0\0windowsize\0" "4\0timeout\0" "2\0"));
  ReadRequest want;
  want.file_name = "undionly.kpxe";
  want.block_size = 1432;
  want.wants_size = true;
  want.window_size = 4;
  want.timeout_seconds = 2;
  want.options = "blksize=1432,tsize=0,windowsize=4,timeout=2";
  EXPECT_EQ(std::get<ReadRequest>(*packet), want);
}

TEST(TftpPacket, IgnoresOptionsThatAreOutOfRangeOrUnknown) {
  const auto packet = ParsePacket(
      BYTES("\0\1f\0octet\0blksize\0" "7\0windowsize\0" "0\0timeout\0" "256\0multicast\0\0blksize2\0" "1x\0"));
  ReadRequest want;
  want.file_name = "f";
  want.options = "blksize=7,windowsize=0,timeout=256,multicast=,blksize2=1x";
  EXPECT_EQ(std::get<ReadRequest>(*packet), want);
}

TEST(TftpPacket, WhatIsNoPacketForAServerIsAnErrorThatNobodyIsTold) {
  const std::string bad[] = {BYTES(""), BYTES("\0"), BYTES("\0\1"), BYTES("\0\1f"),
                             BYTES("\0\3\0\1data"), BYTES("\0\x09xx"), std::string(2000, 'x')};
  for (const std::string& bytes : bad) EXPECT_FALSE(ParsePacket(bytes).ok()) << bytes.size();
}

TEST(TftpPacket, ARequestThatCannotBeServedIsAnsweredWithItsError) {
  const struct { std::string bytes; ErrorCode code; const char* message; } rows[] = {
      {BYTES("\0\1file"), ErrorCode::kIllegalOperation, "the file name has no end"},
      {BYTES("\0\1\0octet\0"), ErrorCode::kFileNotFound, "no file name"},
      {BYTES("\0\1f\0mail\0"), ErrorCode::kIllegalOperation, "the mode is neither octet nor netascii"},
      {BYTES("\0\1f\0\0"), ErrorCode::kIllegalOperation, "the mode is neither octet nor netascii"},
      {BYTES("\0\1f\0"), ErrorCode::kIllegalOperation, "the mode is neither octet nor netascii"},
      {BYTES("\0\1") + std::string(300, 'n') + BYTES("\0octet\0"), ErrorCode::kFileNotFound, "the file name is longer than 255 bytes"}};
  for (const auto& row : rows) {
    const auto packet = ParsePacket(row.bytes);
    ASSERT_TRUE(packet.ok()) << row.message;
    EXPECT_EQ(std::get<BadRequest>(*packet).code, row.code) << row.message;
    EXPECT_EQ(std::get<BadRequest>(*packet).message, row.message);
  }
}

TEST(TftpPacket, WhatFirmwareSendsBehindARequestDisturbsNothing) {
  ReadRequest plain;
  plain.file_name = "f";
  ReadRequest with_size = plain;
  with_size.block_size = 1432;
  with_size.options = "blksize=1432";
  const struct { std::string bytes; ReadRequest want; } rows[] = {
      {BYTES("\0\1f\0octet"), plain},
      {BYTES("\0\1f\0octet\0") + std::string(500, '\0'), plain},
      {BYTES("\0\1f\0octet\0blksize"), plain},
      {BYTES("\0\1f\0octet\0blksize\0"), plain},
      {BYTES("\0\1f\0octet\0blksize\0" "1432\0\xff\xff"), with_size},
      {BYTES("\0\1f\0octet\0blksize\0" "1432"), with_size},
      {BYTES("\0\1f\0octet\0blksize\0" "1432\0") + std::string(400, '\0'), with_size}};
  for (const auto& row : rows) {
    const auto packet = ParsePacket(row.bytes);
    ASSERT_TRUE(packet.ok());
    EXPECT_EQ(std::get<ReadRequest>(*packet), row.want) << row.bytes.size();
  }
}

TEST(TftpPacket, AnyByteMayStandInAName) {
  EXPECT_EQ(std::get<ReadRequest>(*ParsePacket(BYTES("\0\1a\nb\xff\0octet\0"))).file_name, "a\nb\xff");
}

TEST(TftpPacket, OptionsBeyondTheEleventhAreIgnored) {
  std::string bytes = BYTES("\0\1f\0octet\0");
  for (int i = 0; i < 40; ++i) bytes += BYTES("x\0" "1\0");
  EXPECT_FALSE(std::get<ReadRequest>(*ParsePacket(bytes + BYTES("blksize\0" "1432\0"))).block_size.has_value());
}

TEST(TftpPacket, ReadsTheOtherPackets) {
  EXPECT_EQ(std::get<Ack>(*ParsePacket(BYTES("\0\4\x01\x02"))).block, 0x102);
  EXPECT_EQ(std::get<ErrorPacket>(*ParsePacket(BYTES("\0\5\0\x08User aborted\0"))).message, "User aborted");
  EXPECT_TRUE(std::holds_alternative<WriteRequest>(*ParsePacket(BYTES("\0\2f\0octet\0"))));
}

TEST(TftpPacket, KnowsAnAckAtOnce) {
  EXPECT_EQ(ParseAck(BYTES("\0\4\x01\x02"))->block, 0x102);
  EXPECT_EQ(ParseAck(BYTES("\0\4\x01\x02trailing"))->block, 0x102);
  EXPECT_FALSE(ParseAck(BYTES("\0\4\x01")));
  EXPECT_FALSE(ParseAck(BYTES("\0\5\0\0\0")));
  EXPECT_FALSE(ParseAck(std::string(1501, '\4')));
}

TEST(TftpPacket, EncodesOnlyTheOptionsThatWereAccepted) {
  OptionAck options;
  options.block_size = 1468;
  options.transfer_size = 5000000000;
  EXPECT_EQ(EncodeOptionAck(options), BYTES("\0\6blksize\0" "1468\0tsize\0" "5000000000\0"));
  EXPECT_EQ(DataHeader(0x1234), (std::array<char, 4>{0, 3, 0x12, 0x34}));
  EXPECT_EQ(EncodeError(ErrorCode::kFileNotFound, "no"), BYTES("\0\5\0\1no\0"));
}

}  // namespace
}  // namespace bootd::tftp
