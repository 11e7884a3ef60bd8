// What bootd's HTTP server takes and gives: it knows no boot logic.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bootd/core/content.h"

namespace bootd::http {

enum class Method { kGet, kHead, kPost };

// Views into the connection's buffer: they end when the handler returns.
struct Request {
  Method method = Method::kGet;
  std::string_view path;       // percent-decoded, absolute, without "." or ".." segments, printable
  std::string_view bearer;     // of "Authorization: Bearer …", "" = none
  std::string_view body;       // of a POST, bounded
  std::string_view client_ip;  // numeric, IPv4-mapped addresses as IPv4
  bool encrypted = false;
};

struct Reply {
  int status = 200;
  std::variant<core::BytesContent, core::FileContent> content;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Thread-safe. It runs on the server's threads, so it must not block.
using Handler = std::function<Reply(const Request&)>;

// A short text reply: what went wrong and what to do.
Reply TextReply(int status, const std::string& text);

}  // namespace bootd::http
