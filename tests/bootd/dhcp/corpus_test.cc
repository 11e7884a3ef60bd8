// The fuzz target over its corpus, and over changes of it that are the same at every run.
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "tests/bootd/dhcp/captures.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace bootd::dhcp {
namespace {

void Feed(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size());
}

std::vector<std::string> Corpus() {
  std::vector<std::string> inputs;
  for (const auto& entry : std::filesystem::directory_iterator(FIRESTEEL_SOURCE_DIR "/tests/fuzz/corpus/dhcp")) {
    inputs.push_back(CapturedBytes(entry.path().filename().string()));
  }
  return inputs;
}

// Changes at most four bytes, mostly among the options, and sometimes the end.
std::string Mutate(std::string input, std::mt19937& random) {
  constexpr size_t kOptionsAt = 240;
  for (uint32_t i = random() % 4; i-- > 0;) {
    const size_t low = random() % 4 != 0 && input.size() > kOptionsAt ? kOptionsAt : 0;
    input[low + random() % (input.size() - low)] = static_cast<char>(random());
  }
  if (random() % 4 == 0) input.resize(random() % (input.size() + 16) + 1);
  return input;
}

TEST(DhcpCorpus, IsStoodWithoutAndWithChanges) {
  const std::vector<std::string> corpus = Corpus();
  ASSERT_GE(corpus.size(), 10u);
  std::mt19937 random(20261121);
  for (const std::string& input : corpus) {
    Feed(input);
    for (int i = 0; i < 2000; ++i) Feed(Mutate(input, random));
  }
}

}  // namespace
}  // namespace bootd::dhcp
