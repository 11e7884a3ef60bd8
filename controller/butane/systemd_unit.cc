#include "controller/butane/systemd_unit.h"

#include <algorithm>

#include "controller/butane/go_text.h"

namespace firesteel::butane {
namespace {

constexpr size_t kBuffer = 4096;   // Go's bufio.Reader
constexpr size_t kMaxLine = 2048;  // systemd's LINE_MAX

// The text read through a buffer of 4096 bytes: whether a line counts as too long depends on what
// the buffer holds when the line begins.
class Buffer {
 public:
  explicit Buffer(std::string_view text) : text_(text) {}

  bool AtEnd() const { return pos_ >= text_.size(); }

  bool HoldsTooLongLine() {
    if (filled_ - pos_ < kMaxLine) return false;
    if (line_end_ < pos_ || line_end_ == std::string_view::npos)
      line_end_ = std::min(text_.find_first_of("\r\n", pos_), text_.size());
    return line_end_ >= pos_ + kMaxLine;
  }

  char32_t Rune() {
    const bool whole =
        filled_ > pos_ && (static_cast<unsigned char>(text_[pos_]) < 0x80 || filled_ - pos_ >= 4);
    if (!whole) Fill();
    return NextRune(text_, pos_);
  }
  void Back(size_t pos) { pos_ = pos; }
  size_t pos() const { return pos_; }

  // Up to and without `end`, which is passed; all that is left when there is none.
  std::string_view Until(char end, bool& found) {
    const size_t at = text_.find(end, pos_);
    found = at != std::string_view::npos;
    const size_t stop = found ? at : text_.size();
    const std::string_view line = text_.substr(pos_, stop - pos_);
    while (filled_ <= stop && filled_ < text_.size()) {
      if (filled_ - pos_ >= kBuffer) pos_ = filled_;
      Fill();
    }
    pos_ = found ? stop + 1 : stop;
    filled_ = std::max(filled_, pos_);
    return line;
  }

  // A line without its end; one "\r" stays, as in go-systemd.
  std::string_view Line(bool& ended) {
    std::string_view line = Until('\n', ended);
    if (!ended && line.size() > 0 && line.back() == '\r') line.remove_suffix(1);
    return line;
  }

 private:
  void Fill() { filled_ = std::min(text_.size(), pos_ + kBuffer); }

  const std::string_view text_;
  size_t pos_ = 0;
  size_t filled_ = 0;
  size_t line_end_ = std::string_view::npos;  // of the line at pos_, once it was asked for
};

bool IsComment(char32_t rune) { return rune == '#' || rune == ';'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : buffer_(text) {}

  UnitText Run() {
    while (step_ != Step::kEnd) {
      if (buffer_.HoldsTooLongLine()) return {"line too long (max 2048 bytes)"};
      const std::string problem = Next();
      if (!problem.empty()) return {problem};
    }
    return {"", has_install_};
  }

 private:
  enum class Step {
    kNextSection,
    kSectionName,
    kSectionSuffix,
    kNextOption,
    kOptionName,
    kOptionValue,
    kComment,
    kEnd
  };

  std::string Next() {
    switch (step_) {
      case Step::kNextSection: return NextSection();
      case Step::kSectionName: return SectionName();
      case Step::kSectionSuffix: return SectionSuffix();
      case Step::kNextOption: return NextOption();
      case Step::kOptionName: return OptionName();
      case Step::kOptionValue: return OptionValue();
      case Step::kComment: return Comment();
      case Step::kEnd: return "";
    }
    return "";
  }

  std::string Go(Step next) { return step_ = next, ""; }
  std::string GoToComment() { return after_comment_ = step_, Go(Step::kComment); }

  std::string NextSection() {
    if (buffer_.AtEnd()) return Go(Step::kEnd);
    const char32_t rune = buffer_.Rune();
    if (rune == '[') return Go(Step::kSectionName);
    return IsComment(rune) ? GoToComment() : "";
  }

  std::string SectionName() {
    bool found = false;
    section_ = buffer_.Until(']', found);
    return found ? Go(Step::kSectionSuffix) : "unable to find end of section";
  }

  std::string SectionSuffix() {
    bool ended = false;
    const std::string_view garbage = TrimGoSpace(buffer_.Line(ended));
    if (!garbage.empty()) return "found garbage after section name : " + GoQuote(garbage);
    return Go(Step::kNextOption);
  }

  std::string NextOption() {
    if (buffer_.AtEnd()) return Go(Step::kEnd);
    const size_t start = buffer_.pos();
    const char32_t rune = buffer_.Rune();
    if (IsGoSpace(rune)) return "";
    if (rune == '[') return Go(Step::kSectionName);
    if (IsComment(rune)) return GoToComment();
    buffer_.Back(start);
    return Go(Step::kOptionName);
  }

  std::string OptionName() {
    while (!buffer_.AtEnd()) {
      const char32_t rune = buffer_.Rune();
      if (rune == '\n' || rune == '\r')
        return "unexpected newline encountered while parsing option name";
      if (rune == '=') return Go(Step::kOptionValue);
    }
    return "EOF";
  }

  std::string OptionValue() {
    bool ended = false;
    const std::string_view line = buffer_.Line(ended);
    const bool continues = !TrimGoSpace(line).empty() && line.back() == '\\';
    if (continues) return "";
    has_install_ = has_install_ || section_ == "Install";
    return Go(Step::kNextOption);
  }

  std::string Comment() {
    while (true) {
      bool ended = false;
      std::string_view line = buffer_.Line(ended);
      if (!line.empty() && line.back() == ' ') line.remove_suffix(1);
      if (line.empty() || line.back() != '\\') return Go(after_comment_);
    }
  }

  Buffer buffer_;
  Step step_ = Step::kNextSection;
  Step after_comment_ = Step::kNextSection;
  std::string_view section_;
  bool has_install_ = false;
};

}  // namespace

UnitText ReadUnit(std::string_view text) {
  UnitText unit = Lexer(text).Run();
  if (!unit.problem.empty()) unit.problem.insert(0, "invalid unit content: ");
  return unit;
}

std::string EscapeUnitPath(std::string_view path) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string escaped;
  bool in_slashes = false;
  for (const char c : path) {
    if (c == '/') {
      in_slashes = true;
      continue;
    }
    const bool start = escaped.empty();
    if (in_slashes && !start) escaped += '-';
    in_slashes = false;
    const auto byte = static_cast<unsigned char>(c);
    const bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (alnum || c == ':' || c == '_' || (c == '.' && !start)) {
      escaped += c;
    } else {
      escaped += {'\\', 'x'};
      if (byte >= 16) escaped += kHex[byte >> 4];  // "%x" writes no leading 0
      escaped += kHex[byte & 15];
    }
  }
  return escaped.empty() ? "-" : escaped;
}

}  // namespace firesteel::butane
