#include "bootd/tftp/transfer.h"

#include <gtest/gtest.h>

namespace bootd::tftp {
namespace {

std::string Show(const Step& step) {
  if (std::holds_alternative<Nothing>(step)) return "-";
  if (std::holds_alternative<SendOptionAck>(step)) return "oack";
  if (const auto* finished = std::get_if<Finished>(&step)) return finished->complete ? "done" : "failed";
  const auto& blocks = std::get<SendBlocks>(step);
  return std::to_string(blocks.first) + "+" + std::to_string(blocks.count);
}

ReadRequest Request(std::optional<uint32_t> block_size = {}, std::optional<uint32_t> window = {}) {
  ReadRequest request;
  request.file_name = "f";
  request.block_size = block_size;
  request.window_size = window;
  return request;
}

TEST(TftpTransfer, SendsBlockByBlockWithoutOptions) {
  Transfer transfer(Request(), 1000, {});
  EXPECT_EQ(Show(transfer.Start()), "1+1");
  EXPECT_EQ(Show(transfer.OnAck(1)), "2+1");
  EXPECT_EQ(Show(transfer.OnAck(2)), "done");
}

TEST(TftpTransfer, EndsAFileOfWholeBlocksWithAnEmptyOne) {
  Transfer transfer(Request(), 512, {});
  transfer.Start();
  EXPECT_EQ(Show(transfer.OnAck(1)), "2+1");
  EXPECT_EQ(Show(transfer.OnAck(2)), "done");
}

TEST(TftpTransfer, WaitsForTheAcknowledgementOfOptions) {
  Transfer transfer(Request(1432), 1000, {});
  EXPECT_EQ(Show(transfer.Start()), "oack");
  EXPECT_EQ(Show(transfer.OnAck(5)), "-");
  EXPECT_EQ(Show(transfer.OnTimeout()), "oack");
  EXPECT_EQ(Show(transfer.OnAck(0)), "1+1");
}

TEST(TftpTransfer, DuplicateAckDoesNotDoubleTheTraffic) {
  Transfer transfer(Request(), 5000, {});
  transfer.Start();
  EXPECT_EQ(Show(transfer.OnAck(1)), "2+1");
  EXPECT_EQ(Show(transfer.OnAck(1)), "-");
  EXPECT_EQ(Show(transfer.OnAck(0)), "-");
}

TEST(TftpTransfer, IgnoresAnAckOfWhatWasNeverSent) {
  Transfer transfer(Request(), 50000, {});
  transfer.Start();
  EXPECT_EQ(Show(transfer.OnAck(2)), "-");
  EXPECT_EQ(Show(transfer.OnAck(60000)), "-");
}

TEST(TftpTransfer, ALostBlockCostsAtMostItsWindow) {
  Transfer transfer(Request(512, 8), 512 * 100, {});
  transfer.Start();
  EXPECT_EQ(Show(transfer.OnAck(0)), "1+8");
  EXPECT_EQ(Show(transfer.OnAck(3)), "4+8");   // 4 was lost: go on from there
  EXPECT_EQ(Show(transfer.OnAck(3)), "4+8");   // 4 was lost again: once more, …
  EXPECT_EQ(Show(transfer.OnAck(3)), "-");     // … but only once for the same ACK
  EXPECT_EQ(Show(transfer.OnTimeout()), "4+8");
  EXPECT_EQ(Show(transfer.OnAck(11)), "12+8");
}

TEST(TftpTransfer, BlockNumbersRollOver) {
  const uint64_t blocks = 200000;
  Transfer transfer(Request(), blocks * 512, {});
  transfer.Start();
  for (uint64_t block = 1; block <= blocks; ++block) {
    ASSERT_EQ(Show(transfer.OnAck(static_cast<uint16_t>(block))), std::to_string(block + 1) + "+1");
  }
  EXPECT_EQ(Show(transfer.OnAck(static_cast<uint16_t>(blocks + 1))), "done");
}

TEST(TftpTransfer, WaitsLongerEachTimeAndGivesUp) {
  Transfer transfer(Request(), 1000, {.max_block_size = 1468, .max_window = 64, .max_tries = 3});
  transfer.Start();
  const auto first = transfer.Retransmission();
  EXPECT_EQ(Show(transfer.OnTimeout()), "1+1");
  EXPECT_GT(transfer.Retransmission(), first);
  EXPECT_EQ(Show(transfer.OnTimeout()), "1+1");
  EXPECT_EQ(Show(transfer.OnTimeout()), "failed");
}

TEST(TftpTransfer, ClampsBlockSizeAndWindow) {
  Transfer transfer(Request(65464, 65535), 1 << 20, {});
  const Step step = transfer.Start();
  const OptionAck& options = std::get<SendOptionAck>(step).options;
  EXPECT_EQ(*options.block_size, 1468u);
  EXPECT_EQ(*options.window_size, 64u);
}

}  // namespace
}  // namespace bootd::tftp
