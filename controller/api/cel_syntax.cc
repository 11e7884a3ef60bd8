#include "controller/api/cel_syntax.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace firesteel::api {
namespace {

using Kind = CelNode::Kind;

constexpr int kMaxDepth = 50;

bool IsWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

CelNode Call(std::string name, std::vector<CelNode> arguments) {
  return {Kind::kCall, nullptr, std::move(name), std::move(arguments)};
}

// Operators of two sides, those that bind least first.
const std::vector<std::vector<std::string_view>> kLevels = {
    {"||"}, {"&&"}, {"==", "!=", "<=", ">=", "<", ">", "in"}, {"+", "-"}, {"*", "/", "%"}};

// A recursive descent. The first problem is kept; what is read after it does not matter.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<CelNode> Run() {
    CelNode node = Choice();
    SkipBlanks();
    if (at_ < text_.size()) Fail("there is more than one expression");
    if (!problem_.empty()) return InvalidArgument("at character " + std::to_string(at_ + 1) + ": " + problem_);
    return node;
  }

 private:
  CelNode Choice() {
    if (++depth_ > kMaxDepth) return Fail("the rule is nested too deeply");
    CelNode condition = Binary(0);
    if (Take("?")) {
      CelNode yes = Choice();
      if (!Take(":")) return Fail("expected ':'");
      condition = Call("?:", {std::move(condition), std::move(yes), Choice()});
    }
    --depth_;
    return condition;
  }

  CelNode Binary(size_t level) {
    if (level == kLevels.size()) return Unary();
    CelNode left = Binary(level + 1);
    for (;;) {
      const auto& words = kLevels[level];
      const auto word = std::find_if(words.begin(), words.end(), [this](std::string_view w) { return Take(w); });
      if (word == words.end() || !problem_.empty()) return left;
      left = Call(std::string(*word), {std::move(left), Binary(level + 1)});
    }
  }

  CelNode Unary() {
    const bool negated = Take("!");
    if (!negated && !Take("-")) return Member();
    if (++depth_ > kMaxDepth) return Fail("the rule is nested too deeply");
    CelNode operand = Unary();
    --depth_;
    return Call(negated ? "!" : "-", {std::move(operand)});
  }

  CelNode Member() {
    CelNode node = Primary();
    while (problem_.empty()) {
      if (Take(".")) {
        std::string name = Word();
        const bool method = Take("(");
        std::vector<CelNode> children = method ? List(")") : std::vector<CelNode>();
        children.insert(children.begin(), std::move(node));
        node = {method ? Kind::kMethod : Kind::kField, nullptr, std::move(name), std::move(children)};
      } else if (Take("[")) {
        CelNode index = Choice();
        if (!Take("]")) return Fail("expected ']'");
        node = {Kind::kIndex, nullptr, "", {std::move(node), std::move(index)}};
      } else {
        break;
      }
    }
    return node;
  }

  CelNode Primary() {
    SkipBlanks();
    if (at_ == text_.size()) return Fail("expected an expression");
    const char first = text_[at_];
    if (first == '\'' || first == '"') return String(first);
    if (IsDigit(first)) return Number();
    if (Take("(")) {
      CelNode inner = Choice();
      return Take(")") ? std::move(inner) : Fail("expected ')'");
    }
    if (Take("[")) return {Kind::kList, nullptr, "", List("]")};
    return Named(Word());
  }

  CelNode Named(std::string word) {
    if (word == "true" || word == "false") return {Kind::kLiteral, word == "true", "", {}};
    if (word == "null") return {Kind::kLiteral, nullptr, "", {}};
    if (Take("(")) return Call(std::move(word), List(")"));
    return {Kind::kName, nullptr, std::move(word), {}};
  }

  std::vector<CelNode> List(std::string_view end) {
    std::vector<CelNode> items;
    if (Take(end)) return items;
    do {
      items.push_back(Choice());
    } while (problem_.empty() && Take(","));
    if (!Take(end)) Fail("expected '" + std::string(end) + "'");
    return items;
  }

  CelNode String(char quote) {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      // Each escape that a rule may need; any other is a fault of the rule.
      if (text_[at_] == '\\' && ++at_ < text_.size() && text_[at_] != '\\' && text_[at_] != quote) return Fail("unknown escape");
      if (at_ < text_.size()) value += text_[at_];
    }
    if (at_ >= text_.size()) return Fail("a string has no end");
    ++at_;
    return {Kind::kLiteral, value, "", {}};
  }

  CelNode Number() {
    const size_t start = at_;
    while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
    if (at_ - start > 18 || (at_ < text_.size() && (text_[at_] == '.' || IsWordStart(text_[at_])))) return Fail("only whole numbers are known");
    return {Kind::kLiteral, std::strtoll(std::string(text_.substr(start, at_ - start)).c_str(), nullptr, 10), "", {}};
  }

  std::string Word() {
    SkipBlanks();
    const size_t start = at_;
    while (at_ < text_.size() && (IsWordStart(text_[at_]) || (at_ > start && IsDigit(text_[at_])))) ++at_;
    if (at_ == start) Fail("expected a name");
    return std::string(text_.substr(start, at_ - start));
  }

  void SkipBlanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  // Moves on if `token` is next. A word is taken whole: "in" is not the start of "index".
  bool Take(std::string_view token) {
    SkipBlanks();
    if (!problem_.empty() || text_.substr(at_, token.size()) != token) return false;
    const size_t end = at_ + token.size();
    if (IsWordStart(token[0]) && end < text_.size() && (IsWordStart(text_[end]) || IsDigit(text_[end]))) return false;
    if (token == "!" && end < text_.size() && text_[end] == '=') return false;
    at_ = end;
    return true;
  }

  CelNode Fail(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
    return {};
  }

  const std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  std::string problem_;
};

}  // namespace

Result<CelNode> ParseCel(std::string_view text) { return Parser(text).Run(); }

bool Mentions(const CelNode& node, std::string_view variable) {
  if (node.kind == Kind::kName && node.name == variable) return true;
  return std::any_of(node.children.begin(), node.children.end(), [&](const CelNode& child) { return Mentions(child, variable); });
}

}  // namespace firesteel::api
