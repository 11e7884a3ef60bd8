// Data URLs (RFC 2397) as butane writes and Ignition reads them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firesteel::butane {

struct DataUrl {
  std::string source;
  bool compressed = false;  // with gzip
};

// The shortest of percent-encoding, base64 and, if allowed, base64 of gzip.
DataUrl MakeDataUrl(std::string_view content, bool may_compress);

// What gzip packed; nullopt if it is not gzip, or ends too early.
std::optional<std::string> Gunzip(std::string_view packed);

// What is wrong with a data URL, in the words of Ignition's reader; "" = nothing. Puts what it
// holds into `content` unless that is nullptr.
std::string DecodeDataUrl(std::string_view url, std::string* content);

}  // namespace firesteel::butane
