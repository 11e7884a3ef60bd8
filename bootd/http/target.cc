#include "bootd/http/target.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace bootd::http {
namespace {

bool HasDotSegment(std::string_view path) {
  for (size_t start = 1; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    if (segment == "." || segment == "..") return true;
    start = end + 1;
  }
  return false;
}

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string> PathOf(std::string_view target) {
  if (target.empty() || target.front() != '/') return std::nullopt;
  firesteel::Result<std::string> path = firesteel::PercentDecode(target.substr(0, target.find('?')));
  if (!path.ok()) return std::nullopt;
  std::replace(path->begin(), path->end(), '\\', '/');  // firmware writes them
  if (HasDotSegment(*path)) return std::nullopt;
  const bool clean = std::all_of(path->begin(), path->end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
  });
  if (!clean) return std::nullopt;
  return *path;
}

RangeAnswer ParseRange(std::string_view header, uint64_t size, ByteRange& range) {
  constexpr std::string_view kUnit = "bytes=";
  if (header.substr(0, kUnit.size()) != kUnit) return RangeAnswer::kWhole;
  header.remove_prefix(kUnit.size());
  const size_t dash = header.find('-');
  if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return RangeAnswer::kWhole;
  const std::optional<uint64_t> first = Number(header.substr(0, dash));
  const std::optional<uint64_t> last = Number(header.substr(dash + 1));
  if (dash == 0) {  // the last N bytes
    if (!last) return RangeAnswer::kWhole;
    if (*last == 0 || size == 0) return RangeAnswer::kUnsatisfiable;
    const uint64_t count = std::min(*last, size);
    range = {size - count, count};
    return RangeAnswer::kPartial;
  }
  const bool open_ended = dash + 1 == header.size();
  if (!first || (!last && !open_ended) || (last && *last < *first)) return RangeAnswer::kWhole;
  if (*first >= size) return RangeAnswer::kUnsatisfiable;
  const uint64_t end = open_ended ? size - 1 : std::min(*last, size - 1);
  range = {*first, end - *first + 1};
  return RangeAnswer::kPartial;
}

std::string_view BearerOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  const bool bearer = authorization.size() >= kScheme.size() && strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) == 0;
  return bearer ? authorization.substr(kScheme.size()) : "";
}

const char* ContentTypeOf(std::string_view path) {
  const auto ends = [&](std::string_view end) {
    return path.size() >= end.size() && path.substr(path.size() - end.size()) == end;
  };
  if (ends(".json") || ends(".ign")) return "application/json";
  if (ends(".ipxe") || ends(".txt") || ends(".cfg") || ends(".DIGESTS")) return "text/plain";
  if (ends(".efi")) return "application/efi";  // UEFI HTTP Boot, UEFI 2.10 §24.7.3
  return "application/octet-stream";
}

}  // namespace bootd::http
