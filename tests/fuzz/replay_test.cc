// Runs a fuzz target without a fuzzer: over its corpus, and over mutations that are the same each time.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace firesteel {
namespace {

constexpr int kMutations = 20000;

std::vector<std::string> Corpus() {
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(FIRESTEEL_FUZZ_CORPUS)) {
    inputs.push_back(ReadFile(entry.path().string()).value());
  }
  return inputs;
}

void Feed(const std::string& input) {
  // A copy of exactly its size: a sanitizer sees a read beyond it.
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  ASSERT_EQ(LLVMFuzzerTestOneInput(bytes.data(), bytes.size()), 0);
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& corpus) : corpus_(corpus) {}

  std::string Next() {
    std::string input = Any();
    for (size_t changes = 1 + Below(8); changes > 0; --changes) Change(input);
    return input;
  }

 private:
  size_t Below(size_t limit) { return random_() % limit; }
  const std::string& Any() { return corpus_[Below(corpus_.size())]; }
  char Byte() {
    static constexpr char kTelling[] = {'\0', '\r', '\n', ' ', ':', '/', '.', '%', '-', '0', '9', '\x7f', '\x80', '\xff'};
    return Below(2) == 0 ? kTelling[Below(sizeof kTelling)] : static_cast<char>(random_());
  }

  void Change(std::string& input) {
    const size_t at = Below(input.size() + 1);
    const size_t count = Below(16);
    switch (Below(5)) {
      case 0: input.insert(at, 1, Byte()); break;
      case 1: input.erase(at, count); break;
      case 2: input.insert(at, Any(), 0, Below(64)); break;
      case 3: input.resize(at); break;
      default:
        if (at < input.size()) input[at] = Byte();
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937 random_{1};
};

TEST(Fuzz, TheCorpusPasses) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_FALSE(corpus.empty());
  for (const std::string& input : corpus) Feed(input);
}

TEST(Fuzz, MutationsOfTheCorpusPass) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_FALSE(corpus.empty());
  Mutator mutator(corpus);
  for (int i = 0; i < kMutations; ++i) Feed(mutator.Next());
}

}  // namespace
}  // namespace firesteel
