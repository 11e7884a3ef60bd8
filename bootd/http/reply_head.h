// The head of a reply: which part of a file to send, and the text before it. Pure.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bootd/http/target.h"

namespace bootd::http {

// As sent; "" = not.
struct Conditions {
  std::string_view range;
  std::string_view if_range;
  std::string_view if_none_match;
  std::string_view if_modified_since;
};

// Of a file as it was opened.
struct Validators {
  uint64_t size = 0;
  std::string_view etag;           // strong
  std::string_view last_modified;  // IMF-fixdate
};

struct FileAnswer {
  int status = 200;  // or 206, 304, 416
  ByteRange range;   // what to send with 200 and 206
};
// RFC 9110 §13.2.2. Dates count only where they are those that we sent.
FileAnswer AnswerFile(const Conditions& conditions, const Validators& file);

struct ReplyHead {
  int status = 200;
  uint64_t content_length = 0;
  std::string_view date;    // IMF-fixdate
  std::string_view fields;  // further whole lines, each with its CRLF
  const std::vector<std::pair<std::string, std::string>>* more = nullptr;
  bool http10 = false;
  bool keep_alive = true;
};
// Ends with the empty line.
void AppendHead(std::string& out, const ReplyHead& head);

// "Content-Range: bytes 0-9/100\r\n" of a 206, "Content-Range: bytes */100\r\n" of a 416, else "".
std::string ContentRangeField(const FileAnswer& answer, uint64_t size);

// IMF-fixdate (RFC 9110 §5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
std::string HttpDate(time_t time);

}  // namespace bootd::http
