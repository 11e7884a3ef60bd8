// The scanner of Go's encoding/json as a recursive reader: the same errors at the same character.
#include <charconv>

#include "controller/butane/go_json.h"
#include "controller/butane/go_text.h"
#include "controller/butane/yaml_node.h"

namespace firesteel::butane {
namespace {

using nlohmann::ordered_json;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<ordered_json> Run() {
    ordered_json value;
    const bool whole = Value(0, value);
    SkipSpace();
    if (whole && pos_ < text_.size()) Fail("after top-level value");
    if (!problem_.empty()) return InvalidArgument(problem_);
    return value;
  }

 private:
  // Each returns whether what it reads was there; if not, problem_ says why.
  bool Value(int depth, ordered_json& out) {
    SkipSpace();
    if (depth > kMaxDepth) return problem_ = "exceeded max depth", false;
    const char c = Peek();
    if (c == '{') return Object(depth, out);
    if (c == '[') return Array(depth, out);
    if (c == '"') return String(out);
    if (c == '-' || IsDigit(c)) return Number(out);
    if (c == 't') return out = true, Literal("true");
    if (c == 'f') return out = false, Literal("false");
    if (c == 'n') return out = nullptr, Literal("null");
    return Fail("looking for beginning of value");
  }

  bool Object(int depth, ordered_json& out) {
    out = ordered_json::object();
    ++pos_;
    SkipSpace();
    if (Peek() == '}') return ++pos_, true;
    while (true) {
      SkipSpace();
      if (Peek() != '"') return Fail("looking for beginning of object key string");
      ordered_json key;
      if (!String(key)) return false;
      SkipSpace();
      if (Peek() != ':') return Fail("after object key");
      ++pos_;
      ordered_json value;
      if (!Value(depth + 1, value)) return false;
      Put(key.get<std::string>(), std::move(value), out);
      SkipSpace();
      if (Peek() == '}') return ++pos_, true;
      if (Peek() != ',') return Fail("after object key:value pair");
      ++pos_;
    }
  }

  // A key that stands twice: Go decodes both objects into the same struct.
  static void Put(const std::string& key, ordered_json value, ordered_json& object) {
    const auto before = object.find(key);
    if (before == object.end() || !before->is_object() || !value.is_object()) {
      object[key] = std::move(value);
      return;
    }
    for (auto& [inner_key, inner] : value.items()) Put(inner_key, std::move(inner), *before);
  }

  bool Array(int depth, ordered_json& out) {
    out = ordered_json::array();
    ++pos_;
    SkipSpace();
    if (Peek() == ']') return ++pos_, true;
    while (true) {
      if (!Value(depth + 1, out.emplace_back())) return false;
      SkipSpace();
      if (Peek() == ']') return ++pos_, true;
      if (Peek() != ',') return Fail("after array element");
      ++pos_;
    }
  }

  bool String(ordered_json& out) {
    const size_t start = pos_;
    for (++pos_; pos_ < text_.size() && Peek() != '"'; ++pos_) {
      if (static_cast<unsigned char>(Peek()) < 0x20) return Fail("in string literal");
      if (Peek() == '\\' && !Escape()) return false;
    }
    if (pos_ >= text_.size()) return Fail("");
    ++pos_;
    out = ordered_json::parse(text_.substr(start, pos_ - start), nullptr, false);
    if (!out.is_string())
      out = "\xEF\xBF\xBD";  // half a surrogate pair, or bytes that are no UTF-8
    return true;
  }

  bool Escape() {
    ++pos_;
    if (Peek() != 'u') {
      const bool known =
          Peek() != '\0' && std::string_view("bfnrt\\/\"").find(Peek()) != std::string_view::npos;
      return known || FailInside("in string escape code");
    }
    for (int i = 0; i < 4; ++i) {
      ++pos_;
      const char c = static_cast<char>(Peek() | 0x20);
      if (!IsDigit(Peek()) && (c < 'a' || c > 'f'))
        return FailInside("in \\u hexadecimal character escape");
    }
    return true;
  }

  bool Digits(const char* where) {
    if (!IsDigit(Peek())) return FailInside(where);
    while (IsDigit(Peek())) ++pos_;
    return true;
  }

  bool Number(ordered_json& out) {
    const size_t start = pos_;
    if (!NumberText()) return false;
    const std::string_view digits = text_.substr(start, pos_ - start);
    int64_t integer = 0;
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), integer);
    if (end.ec == std::errc() && end.ptr == digits.data() + digits.size()) {
      out = integer;
    } else {
      out = ordered_json::binary({digits.begin(), digits.end()});
    }
    return true;
  }

  bool NumberText() {
    if (Peek() == '-') ++pos_;
    if (Peek() == '0') {
      ++pos_;
    } else if (!Digits("in numeric literal")) {
      return false;
    }
    if (Peek() == '.' && (++pos_, !Digits("after decimal point in numeric literal"))) return false;
    if (Peek() != 'e' && Peek() != 'E') return true;
    ++pos_;
    if (Peek() == '+' || Peek() == '-') ++pos_;
    return Digits("in exponent of numeric literal");
  }

  bool Literal(std::string_view word) {
    for (const char c : word) {
      if (Peek() != c)
        return FailInside("in literal " + std::string(word) + " (expecting '" + c + "')");
      ++pos_;
    }
    return true;
  }

  // Inside a word no space may stand: at the end of the text Go's scanner tries one.
  bool FailInside(const std::string& where) {
    return pos_ < text_.size() ? Fail(where) : (problem_ = "invalid character ' ' " + where, false);
  }

  bool Fail(const std::string& where) {
    if (pos_ >= text_.size()) return problem_ = "unexpected end of JSON input", false;
    std::string character = Peek() == '"' ? "'\"'" : "'\\''";
    if (Peek() != '"' && Peek() != '\'') {
      const std::string quoted = GoQuote(AsRune(static_cast<unsigned char>(Peek())));
      character = "'" + quoted.substr(1, quoted.size() - 2) + "'";
    }
    return problem_ = "invalid character " + character + " " + where, false;
  }

  // Go takes the byte for a character.
  static std::string AsRune(unsigned char byte) {
    if (byte < 0x80) return {static_cast<char>(byte)};
    return {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
  }

  char Peek() const { return pos_ < text_.size() ? text_[pos_] : '\0'; }
  void SkipSpace() {
    while (Peek() == ' ' || Peek() == '\t' || Peek() == '\r' || Peek() == '\n') ++pos_;
  }

  const std::string_view text_;
  size_t pos_ = 0;
  std::string problem_;
};

}  // namespace

Result<ordered_json> ParseGoJson(std::string_view text) { return Scanner(text).Run(); }

}  // namespace firesteel::butane
