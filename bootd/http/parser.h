// The head of an HTTP/1.1 request: pure parsing of what strangers send. RFC 9112 §2-§6, strictly: what
// two servers could read differently is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bootd/http/message.h"

namespace bootd::http {

// Views into the parsed bytes; a field that was not sent is "".
struct RequestHead {
  Method method = Method::kGet;
  std::string_view target;  // origin-form: the scheme and host of an absolute-form target are cut off
  bool http10 = false;
  bool keep_alive = true;
  bool expects_continue = false;
  uint64_t content_length = 0;
  std::string_view authorization;
  std::string_view range;
  std::string_view if_range;
  std::string_view if_none_match;
  std::string_view if_modified_since;
};

struct ParsedHead {
  size_t size = 0;  // of the head, with its empty line; 0 = not all of it is there yet
  int error = 0;    // the status to refuse it with, after which the connection has no meaning any more
};

// `bytes`: what has come in on the connection. A head that would exceed `max_bytes` is refused (431).
ParsedHead ParseHead(std::string_view bytes, size_t max_bytes, RequestHead& head);

}  // namespace bootd::http
