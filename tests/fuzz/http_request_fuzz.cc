// The request parser, and all that reads single fields.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bootd/http/parser.h"
#include "bootd/http/reply_head.h"

namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckPath(std::string_view target) {
  const auto path = bootd::http::PathOf(target);
  if (!path) return;
  Require(!path->empty() && path->front() == '/');
  Require((*path + "/").find("/../") == std::string::npos && path->find('\0') == std::string::npos);
}

void CheckRange(const bootd::http::RequestHead& head, uint64_t size) {
  const bootd::http::FileAnswer answer = bootd::http::AnswerFile(
      {head.range, head.if_range, head.if_none_match, head.if_modified_since}, {size, "\"etag\"", "date"});
  Require(answer.range.first <= size && answer.range.count <= size - answer.range.first);
  if (answer.status == 206) Require(answer.range.count > 0);
  bootd::http::ContentRangeField(answer, size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMaxHead = 2048;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  bootd::http::RequestHead head;
  const bootd::http::ParsedHead parsed = bootd::http::ParseHead(bytes, kMaxHead, head);
  Require(parsed.size <= size && parsed.size <= kMaxHead);
  CheckPath(bytes);
  bootd::http::RequestHead field;
  field.range = bytes;
  CheckRange(field, 1000);
  bootd::http::BearerOf(bytes);
  if (parsed.size == 0 || parsed.error != 0) return 0;
  Require(head.target.find_first_of("\r\n ") == std::string_view::npos);
  CheckPath(head.target);
  for (uint64_t file : {0u, 1u, 1000u}) CheckRange(head, file);
  // The same bytes in two pieces are the same request.
  bootd::http::RequestHead again;
  Require(bootd::http::ParseHead(bytes.substr(0, parsed.size - 1), kMaxHead, again).size == 0);
  Require(bootd::http::ParseHead(bytes.substr(0, parsed.size), kMaxHead, again).size == parsed.size);
  return 0;
}
