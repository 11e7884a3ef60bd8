// Small helpers for routes: the forms of a reply, and the rest of a path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bootd/http/message.h"

namespace bootd::router {

// The rest of `text` after `prefix`; nullopt = the text does not start with it.
inline std::optional<std::string_view> After(std::string_view text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return std::nullopt;
  return text.substr(prefix.size());
}

inline http::Reply BytesReply(std::string bytes, const char* content_type, std::function<void(bool)> on_end = {}) {
  http::Reply reply;
  reply.content = core::BytesContent{std::move(bytes), content_type, std::move(on_end)};
  reply.headers.emplace_back("Cache-Control", "no-store");
  return reply;
}

inline http::Reply FileReply(const std::string& path) {
  http::Reply reply;
  reply.content = core::FileContent{path, {}};
  return reply;
}

}  // namespace bootd::router
