#include "controller/butane/data_url.h"

#include <zlib.h>

#include <array>

#include "base/encoding.h"
#include "controller/butane/go_text.h"

namespace firesteel::butane {
namespace {

bool IsAlnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string Escape(std::string_view content) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : content) {
    if (IsAlnum(c) || std::string_view("-_.!~*'()").find(c) != std::string_view::npos) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return text;
}

constexpr int kGzipWindow = 15 + 16;

Bytef* ReadOnly(std::string_view bytes) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // zlib does not write there
}

// "" = zlib failed, which it does only without memory.
std::string Gzip(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return "";
  std::string packed(deflateBound(&stream, content.size()), '\0');
  stream.next_in = ReadOnly(content);
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return status == Z_STREAM_END ? packed : "";
}

bool IsToken(char c) {
  return c > ' ' && c < 0x7F &&
         std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

bool IsDataCharacter(char c) {
  return c > ' ' && c < 0x7F &&
         std::string_view("<>#\"{}|\\^[]`").find(c) == std::string_view::npos;
}

bool StartsWithOneOf(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  for (const std::string_view prefix : prefixes) {
    if (text.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

std::string Unescape(std::string_view text, std::string* content) {
  const auto is_hex = [&text](size_t i) {
    const char c = text[i];
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (content != nullptr) *content += text[i];
      continue;
    }
    for (const size_t digit : {i + 1, i + 2}) {
      if (digit >= text.size()) return "rfc2396: unexpected end of unescape sequence";
      if (!is_hex(digit)) return "rfc2396: invalid char 0x25 in unescape sequence";
    }
    if (content != nullptr) *content += *PercentDecode(text.substr(i, 3));
    i += 2;
  }
  return "";
}

// The reader: one function for each place in the URL, as in the grammar.
class Reader {
 public:
  Reader(std::string_view url, std::string* content) : url_(url), content_(content) {}

  std::string Read() {
    if (url_.substr(0, 5) != "data:") return "missing data prefix";
    pos_ = 5;
    if (AtEnd()) return "missing comma before data";
    if (Peek() != ';' && Peek() != ',') {
      if (!IsToken(Peek())) return "invalid character after data prefix";
      if (std::string problem = MediaType(); !problem.empty()) return problem;
    }
    while (Peek() == ';') {
      if (std::string problem = Parameter(); !problem.empty()) return problem;
      if (base64_) break;
      if (AtEnd()) return "missing comma before data";
      if (Peek() != ';' && Peek() != ',') return "expected semicolon or comma";
    }
    ++pos_;  // the comma
    return Data();
  }

 private:
  bool AtEnd() const { return pos_ >= url_.size(); }
  char Peek() const { return AtEnd() ? '\0' : url_[pos_]; }
  std::string_view Token() {
    const size_t start = pos_;
    while (!AtEnd() && IsToken(Peek())) ++pos_;
    return url_.substr(start, pos_ - start);
  }

  std::string MediaType() {
    const bool extension = StartsWithOneOf(url_.substr(pos_), {"x-", "X-"});
    const std::string_view type = Token();
    if (AtEnd()) return "missing media type slash";
    if (Peek() != '/') return "invalid character for media type";
    if (!extension && !StartsWithOneOf(type, {"text", "image", "audio", "video", "application",
                                              "message", "multipart"})) {
      return "invalid media type";
    }
    ++pos_;
    Token();
    if (AtEnd()) return "incomplete media type";
    return Peek() == ';' || Peek() == ',' ? "" : "invalid character for media subtype";
  }

  std::string Parameter() {
    ++pos_;
    if (AtEnd() || Peek() == '=' || Peek() == ',') return "unterminated parameter sequence";
    const std::string_view name = Token();
    if (AtEnd() && !name.empty()) return "unterminated parameter sequence";
    if (Peek() == ',') {
      base64_ = name == "base64";
      return base64_ ? "" : "expected base64, got " + std::string(name);
    }
    if (Peek() != '=' || name.empty()) return "invalid character for parameter attribute";
    ++pos_;
    return Value();
  }

  std::string Value() {
    if (AtEnd()) return "missing comma before data";
    if (Peek() == '"') return Quoted();
    const std::string_view value = Token();
    if (value.empty()) return "invalid character for parameter value";
    if (AtEnd()) return "missing comma before data";
    if (Peek() != ';' && Peek() != ',') return "invalid character for parameter value";
    return Unescape(value, nullptr);
  }

  std::string Quoted() {
    for (++pos_; !AtEnd() && Peek() != '"'; ++pos_) {
      const bool escaped = Peek() == '\\';
      if (escaped) ++pos_;
      if (AtEnd()) return "unexpected eof";
      if (static_cast<unsigned char>(Peek()) >= 0x80) {
        return escaped ? "invalid escaped character" : "invalid character for parameter value";
      }
    }
    if (AtEnd()) return "unclosed quoted string";
    ++pos_;
    return "";
  }

  std::string Data() {
    const std::string_view data = url_.substr(std::min(pos_, url_.size()));
    for (const char c : data) {
      const bool ok = base64_ ? IsAlnum(c) || c == '+' || c == '/' || c == '=' || c == '\n'
                              : IsDataCharacter(c);
      if (!ok) return "invalid data character";
    }
    return base64_ ? DecodeGoBase64(data, content_) : Unescape(data, content_);
  }

  const std::string_view url_;
  std::string* const content_;
  size_t pos_ = 0;
  bool base64_ = false;
};

}  // namespace

DataUrl MakeDataUrl(std::string_view content, bool may_compress) {
  DataUrl url{"," + Escape(content)};
  std::string base64 = ";base64," + Base64Encode(content);
  if (base64.size() < url.source.size()) url.source = std::move(base64);
  if (may_compress) {
    const std::string packed = Gzip(content);
    std::string gzip = ";base64," + Base64Encode(packed);
    // The word "gzip" has to be paid for as well.
    if (!packed.empty() && gzip.size() + 4 < url.source.size()) url = {std::move(gzip), true};
  }
  url.source.insert(0, "data:");
  return url;
}

std::optional<std::string> Gunzip(std::string_view packed) {
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return std::nullopt;
  stream.next_in = ReadOnly(packed);
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string text;
  std::array<char, 65536> block{};
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(block.data());
    stream.avail_out = block.size();
    status = inflate(&stream, Z_NO_FLUSH);
    text.append(block.data(), block.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END) return std::nullopt;
  return text;
}

std::string DecodeDataUrl(std::string_view url, std::string* content) {
  return Reader(url, content).Read();
}

}  // namespace firesteel::butane
