#include "bootd/http/parser.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace bootd::http {
namespace {

constexpr std::string_view kNewLine = "\r\n";

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// RFC 9110 §5.6.2.
bool IsTokenChar(char c) {
  const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsToken(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), IsTokenChar); }

// Visible characters, spaces, tabs and what is not ASCII; so neither a bare CR nor a bare LF.
bool IsFieldValue(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  });
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Whether a comma-separated list has the token.
bool HasToken(std::string_view list, std::string_view token) {
  for (size_t start = 0; start <= list.size();) {
    const size_t end = std::min(list.find(',', start), list.size());
    if (EqualsIgnoringCase(Trim(list.substr(start, end - start)), token)) return true;
    start = end + 1;
  }
  return false;
}

// Cuts the next line off `rest`; without its CRLF.
std::string_view NextLine(std::string_view& rest) {
  const size_t end = rest.find(kNewLine);
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + kNewLine.size());
  return line;
}

// What counts while the fields are read, beside what ends up in RequestHead.
struct Seen {
  int hosts = 0;
  int content_lengths = 0;
  bool transfer_encoding = false;
  bool close = false;
  bool keep_alive = false;
};

bool ReadMethod(std::string_view name, Method& method) {
  if (name == "GET") {
    method = Method::kGet;
  } else if (name == "HEAD") {
    method = Method::kHead;
  } else if (name == "POST") {
    method = Method::kPost;
  } else {
    return false;
  }
  return true;
}

// RFC 9112 §3.2.2: absolute-form is for proxies, but servers take it too.
std::string_view OriginForm(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!EqualsIgnoringCase(target.substr(0, scheme.size()), scheme)) continue;
    const size_t path = target.find_first_of("/?", scheme.size());
    const bool has_path = path != std::string_view::npos && target[path] == '/';
    return has_path ? target.substr(path) : "/";  // a query without a path is of the root
  }
  return target;
}

// 0 or the status to refuse the request with.
int ReadRequestLine(std::string_view line, RequestHead& head) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return 400;
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  const bool printable = std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (!IsToken(line.substr(0, first)) || target.empty() || !printable) return 400;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return version.substr(0, 5) == "HTTP/" ? 505 : 400;
  head.http10 = version == "HTTP/1.0";
  head.target = OriginForm(target);
  return ReadMethod(line.substr(0, first), head.method) ? 0 : 405;
}

bool ReadLength(std::string_view text, uint64_t& length) {
  const bool digits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return digits && error == std::errc{} && end == text.data() + text.size();
}

int ReadField(std::string_view line, RequestHead& head, Seen& seen) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !IsToken(line.substr(0, colon))) return 400;
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!IsFieldValue(value)) return 400;
  const auto is = [name](std::string_view known) { return EqualsIgnoringCase(name, known); };
  if (is("host")) {
    ++seen.hosts;
  } else if (is("connection")) {
    seen.close = seen.close || HasToken(value, "close");
    seen.keep_alive = seen.keep_alive || HasToken(value, "keep-alive");
  } else if (is("range")) {
    head.range = value;
  } else if (is("if-range")) {
    head.if_range = value;
  } else if (is("if-none-match")) {
    head.if_none_match = value;
  } else if (is("if-modified-since")) {
    head.if_modified_since = value;
  } else if (is("authorization")) {
    head.authorization = value;
  } else if (is("expect")) {
    head.expects_continue = EqualsIgnoringCase(value, "100-continue");
  } else if (is("content-length")) {
    ++seen.content_lengths;
    if (!ReadLength(value, head.content_length)) return 400;
  } else if (is("transfer-encoding")) {
    seen.transfer_encoding = true;
  }
  return 0;
}

int CheckFields(const RequestHead& head, const Seen& seen) {
  if (seen.hosts > 1 || (seen.hosts == 0 && !head.http10)) return 400;
  // Two framings of one body are how requests get smuggled past a proxy; RFC 9112 §6.3. Chunks nobody
  // who reports to us needs: a length is asked for.
  if (seen.content_lengths > 1 || (seen.content_lengths == 1 && seen.transfer_encoding)) return 400;
  return seen.transfer_encoding ? 411 : 0;
}

int ReadHead(std::string_view lines, RequestHead& head) {
  head = RequestHead{};
  Seen seen;
  int error = ReadRequestLine(NextLine(lines), head);
  for (std::string_view line = NextLine(lines); error == 0 && !line.empty(); line = NextLine(lines)) {
    error = ReadField(line, head, seen);
  }
  head.keep_alive = !seen.close && (!head.http10 || seen.keep_alive);
  return error != 0 ? error : CheckFields(head, seen);
}

}  // namespace

ParsedHead ParseHead(std::string_view bytes, size_t max_bytes, RequestHead& head) {
  size_t start = 0;  // RFC 9112 §2.2: an empty line before a request is ignored
  while (start < 2 * kNewLine.size() && bytes.substr(start, kNewLine.size()) == kNewLine) start += kNewLine.size();
  const size_t end = bytes.find("\r\n\r\n", start);
  if (end == std::string_view::npos) return {0, bytes.size() >= max_bytes ? 431 : 0};
  const size_t size = end + 2 * kNewLine.size();
  if (size > max_bytes) return {0, 431};
  return {size, ReadHead(bytes.substr(start, size - start), head)};
}

}  // namespace bootd::http
