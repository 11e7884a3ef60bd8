// A BareMetalHost as bytes, a tenth of what the struct takes: of 10,000 that are kept few are looked at. Only the
// process that packed a host can unpack it: nothing of this is ever stored or sent.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "controller/api/bare_metal_host.h"

namespace firesteel::api {

// What many hosts say alike, kept once: the texts of their conditions and the keys of their labels. Takes at most 255
// and forgets none; none with a digit, which hardly anybody else says. Not thread-safe.
class Words {
 public:
  uint8_t Number(const std::string& text);  // 0 = not taken
  const std::string& Text(uint8_t number) const { return *texts_[number - 1u]; }

 private:
  std::unordered_map<std::string, uint8_t> numbers_;
  std::vector<const std::string*> texts_;  // keys of numbers_
};

// Begins with metadata.name and metadata.namespace, so that NameAndNamespace need not read all.
std::string PackHost(const BareMetalHost& host, Words& words);
// `packed` is PackHost's, with the same Words.
BareMetalHost UnpackHost(std::string_view packed, const Words& words);
// Over what `host` was, whose memory serves again: of many, one after the other, that takes a third less time.
void UnpackHost(std::string_view packed, const Words& words, BareMetalHost& host);
std::pair<std::string_view, std::string_view> NameAndNamespace(std::string_view packed);  // they point into it

}  // namespace firesteel::api
