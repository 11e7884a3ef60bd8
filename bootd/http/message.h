// What bootd's HTTP server takes and gives: it knows no boot logic.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bootd/core/content.h"

namespace bootd::http {

enum class Method { kGet, kHead, kPost };

struct Request {
  Method method = Method::kGet;
  std::string path;           // percent-decoded, absolute, without "." or ".." segments, printable
  std::string bearer;         // of "Authorization: Bearer …", "" = none
  std::string body;           // of a POST, bounded
  std::string client_ip;
  bool encrypted = false;
};

struct Reply {
  int status = 200;
  std::variant<core::BytesContent, core::FileContent> content;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Thread-safe; runs on the server's threads and shall not block.
using Handler = std::function<Reply(const Request&)>;

// A short text reply: what went wrong and what to do.
Reply TextReply(int status, const std::string& text);

}  // namespace bootd::http
