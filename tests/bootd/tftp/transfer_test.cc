#include "bootd/tftp/transfer.h"

#include <gtest/gtest.h>

namespace bootd::tftp {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string Show(const Step& step) {
  if (std::holds_alternative<Nothing>(step)) return "-";
  if (std::holds_alternative<SendOptionAck>(step)) return "oack";
  if (const auto* finished = std::get_if<Finished>(&step)) return ToString(finished->outcome);
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

// A transfer and its clock.
class World {
 public:
  World(const ReadRequest& request, uint64_t size, const TransferLimits& limits = {})
      : transfer_(request, size, limits) {}

  std::string Start() { return Show(transfer_.Start(now_)); }
  std::string Ack(uint64_t block, milliseconds after = milliseconds(1)) {
    now_ += after;
    return Show(transfer_.OnAck(static_cast<uint16_t>(block), now_));
  }
  std::string RequestAgain(milliseconds after) {
    now_ += after;
    return Show(transfer_.OnRequestAgain(now_));
  }
  std::string Timeout(milliseconds after) {
    now_ += after;
    return Show(transfer_.OnTimeout(now_));
  }
  // Goes to the deadline.
  std::string Timeout() {
    now_ = std::max(now_, transfer_.deadline());
    return Show(transfer_.OnTimeout(now_));
  }
  milliseconds Wait() const { return std::chrono::ceil<milliseconds>(transfer_.deadline() - now_); }
  const Transfer& transfer() const { return transfer_; }

 private:
  Transfer transfer_;
  firesteel::MonotonicTime now_{seconds(1000)};
};

TEST(TftpTransfer, SendsBlockByBlockWithoutOptions) {
  World world(Request(), 1000);
  EXPECT_EQ(world.Start(), "1+1");
  EXPECT_EQ(world.Ack(1), "2+1");
  EXPECT_EQ(world.Ack(2), "complete");
  EXPECT_EQ(world.transfer().acked_bytes(), 1000u);
  EXPECT_EQ(world.transfer().retransmits(), 0u);
}

TEST(TftpTransfer, EndsAFileOfWholeBlocksWithAnEmptyOne) {
  World world(Request(), 512);
  world.Start();
  EXPECT_EQ(world.Ack(1), "2+1");
  EXPECT_EQ(world.Ack(2), "complete");
}

TEST(TftpTransfer, WaitsForTheAcknowledgementOfOptions) {
  World world(Request(1432), 1000);
  EXPECT_EQ(world.Start(), "oack");
  EXPECT_EQ(world.Ack(5), "-");
  EXPECT_EQ(world.Timeout(), "oack");
  EXPECT_EQ(world.Ack(0), "1+1");
}

TEST(TftpTransfer, AnswersTheSameRequestAgainUntilTheClientAnswered) {
  World world(Request(1432), 1000);
  world.Start();
  EXPECT_EQ(world.RequestAgain(milliseconds(0)), "-") << "doubled by the network";
  EXPECT_EQ(world.RequestAgain(milliseconds(100)), "oack");
  world.Ack(0);
  EXPECT_EQ(world.RequestAgain(milliseconds(100)), "-");
}

TEST(TftpTransfer, DuplicateAckDoesNotDoubleTheTraffic) {
  World world(Request(), 5000);
  world.Start();
  EXPECT_EQ(world.Ack(1), "2+1");
  EXPECT_EQ(world.Ack(1), "-");
  EXPECT_EQ(world.Ack(0), "-");
}

TEST(TftpTransfer, DuplicateAckOfAWindowIsMootOnceTheNextOneComes) {
  World world(Request(512, 4), 512 * 100);
  world.Start();
  EXPECT_EQ(world.Ack(0), "1+4");
  for (uint64_t acked = 4; acked < 96; acked += 4) {
    ASSERT_EQ(world.Ack(acked), std::to_string(acked + 1) + "+4");
    ASSERT_EQ(world.Ack(acked, milliseconds(0)), "-") << "every ACK doubled by the network";
    ASSERT_EQ(world.Timeout(milliseconds(0)), "-");
  }
  EXPECT_EQ(world.transfer().retransmits(), 0u);
}

TEST(TftpTransfer, IgnoresAnAckOfWhatWasNeverSent) {
  World world(Request(), 50000);
  world.Start();
  EXPECT_EQ(world.Ack(2), "-");
  EXPECT_EQ(world.Ack(60000), "-");
  EXPECT_EQ(world.Ack(1), "2+1");
}

TEST(TftpTransfer, ALostBlockCostsAtMostItsWindow) {
  World world(Request(512, 8), 512 * 100);
  world.Start();
  EXPECT_EQ(world.Ack(0), "1+8");
  EXPECT_EQ(world.Ack(3), "4+8");   // 4 was lost: go on from there
  EXPECT_EQ(world.Ack(11), "12+8");
  EXPECT_EQ(world.transfer().retransmits(), 5u);
}

TEST(TftpTransfer, ALostFirstBlockOfAWindowCostsARoundTripNotATimeout) {
  TransferLimits limits;
  limits.min_timeout = milliseconds(500);
  World world(Request(512, 8), 512 * 100, limits);
  world.Start();
  world.Ack(0);
  EXPECT_EQ(world.Ack(8), "9+8");
  EXPECT_EQ(world.Ack(8), "-");
  EXPECT_LT(world.Wait(), milliseconds(10));
  EXPECT_EQ(world.Timeout(), "9+8");
  EXPECT_EQ(world.Ack(16), "17+8");
}

TEST(TftpTransfer, AClientThatRepeatsItselfForEverGetsFewRepetitions) {
  World world(Request(512, 8), 512 * 100);
  world.Start();
  world.Ack(0);
  int sent = 0;
  for (int i = 0; i < 10000; ++i) {  // 10 s
    world.Ack(0);
    if (world.Timeout(milliseconds(0)) != "-") ++sent;
  }
  EXPECT_LT(sent, 16);
}

TEST(TftpTransfer, BlockNumbersRollOver) {
  const uint64_t blocks = 200000;
  World world(Request(), blocks * 512);
  world.Start();
  for (uint64_t block = 1; block <= blocks; ++block) {
    ASSERT_EQ(world.Ack(block), std::to_string(block + 1) + "+1");
  }
  EXPECT_EQ(world.Ack(blocks + 1), "complete");
}

TEST(TftpTransfer, FilesOverFourGigabytesRollOverWithWindows) {
  const uint64_t size = (uint64_t{5} << 30) + 7;
  const uint64_t last = size / 1468 + 1;
  World world(Request(1468, 64), size);
  world.Start();
  std::string step = world.Ack(0);
  for (uint64_t acked = 0; acked < last;) {
    const uint64_t count = std::min<uint64_t>(64, last - acked);
    ASSERT_EQ(step, std::to_string(acked + 1) + "+" + std::to_string(count));
    acked += count;
    step = world.Ack(acked, milliseconds(0));
  }
  EXPECT_EQ(step, "complete");
  EXPECT_EQ(world.transfer().acked_bytes(), size);
}

TEST(TftpTransfer, WaitsAsLongAsTheNetworkShows) {
  World world(Request(), 512 * 1000);
  world.Start();
  EXPECT_EQ(world.Wait(), TransferLimits().first_timeout);
  for (uint64_t block = 1; block < 50; ++block) world.Ack(block, milliseconds(40));
  EXPECT_GE(world.Wait(), milliseconds(40));
  EXPECT_LE(world.Wait(), milliseconds(60));
  for (uint64_t block = 50; block < 150; ++block) world.Ack(block, milliseconds(0));
  EXPECT_EQ(world.Wait(), TransferLimits().min_timeout);
}

TEST(TftpTransfer, TheAnswerToARepetitionTellsNothingOfTheRoundTrip) {
  World world(Request(), 512 * 1000);
  world.Start();
  for (uint64_t block = 1; block < 50; ++block) world.Ack(block, milliseconds(40));
  world.Timeout();
  world.Ack(50, milliseconds(0));
  EXPECT_GE(world.Wait(), milliseconds(40));
}

TEST(TftpTransfer, AClientThatBecomesSlowIsSentLittleTwice) {
  World world(Request(512, 16), 512 * 16 * 1000);
  world.Start();
  std::string step = world.Ack(0);
  for (uint64_t window = 1; window < 1000; ++window) {
    // Takes 60 ms for each window, and the server did not expect that.
    for (milliseconds left{60}; left.count() > 0;) {
      const milliseconds wait = std::min(left, std::max(world.Wait(), milliseconds(1)));
      world.Timeout(wait);
      left -= wait;
    }
    step = world.Ack(window * 16, milliseconds(0));
  }
  EXPECT_EQ(step, "15985+16");
  EXPECT_LT(world.transfer().retransmits(), 16u * 8);
}

TEST(TftpTransfer, WaitsTwiceAsLongEachTimeAndGivesUp) {
  TransferLimits limits;
  limits.max_timeout = milliseconds(1000);
  limits.first_answer = seconds(3);
  World world(Request(), 1000, limits);
  world.Start();
  std::vector<int64_t> waits;
  std::string step;
  for (int i = 0; i < 20 && step != "silent"; ++i) {
    waits.push_back(world.Wait().count());
    step = world.Timeout();
  }
  EXPECT_EQ(waits, (std::vector<int64_t>{250, 500, 1000, 1000, 1000}));
  EXPECT_EQ(step, "silent");
}

TEST(TftpTransfer, AClientThatAnsweredIsWaitedForLonger) {
  World world(Request(), 1000);
  world.Start();
  world.Ack(1);
  EXPECT_EQ(world.Timeout(seconds(29)), "2+1");
  EXPECT_EQ(world.Ack(2), "complete");
}

TEST(TftpTransfer, NeverWaitsLongerThanTheClientAskedFor) {
  ReadRequest request = Request();
  request.timeout_seconds = 1;
  World world(request, 1000);
  world.Start();
  for (int i = 0; i < 4; ++i) world.Timeout();
  EXPECT_EQ(world.Wait(), seconds(1));
}

TEST(TftpTransfer, ASlowReaderThatGoesOnReadingGetsItAll) {
  World world(Request(), 512 * 30 - 1);
  std::string step = world.Start();
  for (uint64_t block = 1; block <= 30; ++block) {
    EXPECT_EQ(step, std::to_string(block) + "+1");
    milliseconds left(7000);  // until its ACK; the server asks meanwhile, and must not give up
    for (; world.Wait() < left; world.Timeout()) left -= world.Wait();
    step = world.Ack(block, left);
  }
  EXPECT_EQ(step, "complete");
  EXPECT_LT(world.transfer().retransmits(), 150u) << "five a block";
}

TEST(TftpTransfer, AClientMayBeSlowButNotForEver) {
  World world(Request(), 512 * 1000000);
  world.Start();
  uint64_t block = 0;
  std::string step;
  seconds passed{0};
  while (step != "too-slow" && passed < std::chrono::hours(24)) {
    step = world.Ack(++block, seconds(20));
    passed += seconds(20);
  }
  EXPECT_GT(passed, std::chrono::hours(8));
  EXPECT_LT(passed, std::chrono::hours(10));
}

TEST(TftpTransfer, ClampsBlockSizeAndWindow) {
  TransferLimits limits;
  limits.max_block_size = 1468;
  Transfer transfer(Request(65464, 65535), 1 << 20, limits);
  const Step step = transfer.Start({});
  const OptionAck& options = std::get<SendOptionAck>(step).options;
  EXPECT_EQ(*options.block_size, 1468u);
  EXPECT_EQ(*options.window_size, 64u);
}

}  // namespace
}  // namespace bootd::tftp
