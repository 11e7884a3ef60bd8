#include "bootd/http/reply_head.h"

#include <charconv>

namespace bootd::http {
namespace {

std::string_view StatusLine(int status) {
  switch (status) {
    case 200: return "HTTP/1.1 200 OK\r\n";
    case 204: return "HTTP/1.1 204 No Content\r\n";
    case 206: return "HTTP/1.1 206 Partial Content\r\n";
    case 304: return "HTTP/1.1 304 Not Modified\r\n";
    case 400: return "HTTP/1.1 400 Bad Request\r\n";
    case 403: return "HTTP/1.1 403 Forbidden\r\n";
    case 404: return "HTTP/1.1 404 Not Found\r\n";
    case 405: return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 410: return "HTTP/1.1 410 Gone\r\n";
    case 411: return "HTTP/1.1 411 Length Required\r\n";
    case 413: return "HTTP/1.1 413 Content Too Large\r\n";
    case 416: return "HTTP/1.1 416 Range Not Satisfiable\r\n";
    case 429: return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431: return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 503: return "HTTP/1.1 503 Service Unavailable\r\n";
    case 505: return "HTTP/1.1 505 HTTP Version Not Supported\r\n";
    default: return "HTTP/1.1 500 Internal Server Error\r\n";
  }
}

void AppendNumber(std::string& out, uint64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

bool NotModified(const Conditions& conditions, const Validators& file) {
  const std::string_view known = conditions.if_none_match;
  if (!known.empty()) return known == "*" || known.find(file.etag) != std::string_view::npos;
  return conditions.if_modified_since == file.last_modified;
}

}  // namespace

FileAnswer AnswerFile(const Conditions& conditions, const Validators& file) {
  FileAnswer answer{200, {0, file.size}};
  if (NotModified(conditions, file)) return {304, {}};
  const std::string_view condition = conditions.if_range;
  const bool other_file = !condition.empty() && condition != file.etag && condition != file.last_modified;
  if (conditions.range.empty() || other_file) return answer;
  switch (ParseRange(conditions.range, file.size, answer.range)) {
    case RangeAnswer::kWhole: return answer;
    case RangeAnswer::kPartial: answer.status = 206; return answer;
    case RangeAnswer::kUnsatisfiable: return {416, {}};
  }
  return answer;
}

void AppendHead(std::string& out, const ReplyHead& head) {
  out.append(StatusLine(head.status)).append("Server: bootd\r\nDate: ").append(head.date).append("\r\n");
  // RFC 9110 §8.6: none with 204, and with 304 it would be that of the file.
  if (head.status != 204 && head.status != 304) {
    out.append("Content-Length: ");
    AppendNumber(out, head.content_length);
    out.append("\r\n");
  }
  out.append(head.fields);
  if (head.more != nullptr) {
    for (const auto& [name, value] : *head.more) out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!head.keep_alive) out.append("Connection: close\r\n");
  if (head.keep_alive && head.http10) out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
}

std::string ContentRangeField(const FileAnswer& answer, uint64_t size) {
  if (answer.status == 416) return "Content-Range: bytes */" + std::to_string(size) + "\r\n";
  if (answer.status != 206) return "";
  const uint64_t last = answer.range.first + answer.range.count - 1;
  return "Content-Range: bytes " + std::to_string(answer.range.first) + "-" + std::to_string(last) + "/" +
         std::to_string(size) + "\r\n";
}

std::string HttpDate(time_t time) {
  static constexpr char kDays[] = "SunMonTueWedThuFriSat";
  static constexpr char kMonths[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  tm utc{};
  gmtime_r(&time, &utc);
  char text[32];
  const size_t size = strftime(text, sizeof text, "%d xxx %Y %H:%M:%S GMT", &utc);  // names are the locale's
  std::string date(text, size);
  date.replace(3, 3, kMonths + 3 * utc.tm_mon, 3);
  return std::string(kDays + 3 * utc.tm_wday, 3) + ", " + date;
}

}  // namespace bootd::http
