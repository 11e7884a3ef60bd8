#include "controller/api/schema.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "base/json_text.h"
#include "controller/api/cel_rules.h"

namespace firesteel::api {
namespace {

using nlohmann::json;

constexpr size_t kShownCharacters = 64;

std::string Text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

const json& Field(const json& object, const std::string& key) {
  static const json nothing;
  const auto it = object.find(key);
  return it == object.end() ? nothing : *it;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// In Unicode characters, as the API server counts.
int64_t Length(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); });
}

std::string Shown(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "a list";
  std::string text = value.is_string()
                         ? value.get<std::string>()
                         : ToText(value);
  if (text.size() > kShownCharacters) {
    size_t end = kShownCharacters;
    while (end > 0 && IsContinuation(text[end])) --end;
    text = text.substr(0, end) + "…";
  }
  return "'" + text + "'";
}

std::string Join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

class Checker {
 public:
  Checker(const json& schema, const json& value, std::string path, std::vector<Error>& errors)
      : schema_(schema), value_(value), path_(std::move(path)), errors_(errors) {}

  // Whether the shape fits: types, fields, bounds. Rules may rely on the shape of all that they see, not on other
  // rules: the API server evaluates them likewise.
  bool Run() {
    if (!TypeFits()) return false;
    if (value_.is_object()) CheckFields();
    if (value_.is_array()) CheckItems();
    if (value_.is_string()) CheckText();
    if (value_.is_number()) CheckBounds();
    CheckEnum();
    if (fits_) CheckRules();
    return fits_;
  }

 private:
  bool TypeFits() {
    const std::string type = Text(schema_, "type");
    if (type == "object") return Expect(value_.is_object(), "an object with fields");
    if (type == "array") return Expect(value_.is_array(), "a list");
    if (type == "string") {
      return Expect(value_.is_string(), value_.is_primitive() && !value_.is_null()
                                            ? "a string; put it in quotes"
                                            : "a string");
    }
    if (type == "boolean") return Expect(value_.is_boolean(), "true or false");
    if (type == "integer") return Expect(value_.is_number_integer(), "a whole number");
    return Expect(false, "nothing: firesteel cannot check the type '" + type + "'");
  }

  void CheckFields() {
    if (schema_.contains("additionalProperties")) return CheckEntries();
    const json& properties = Field(schema_, "properties");
    if (properties.is_null()) return;  // metadata, which its own rules check
    for (const json& name : Field(schema_, "required")) {
      if (!Field(value_, name.get<std::string>()).is_null()) continue;
      Add(Path(name.get<std::string>()),
          "is required: " + Text(Field(properties, name.get<std::string>()), "description"));
    }
    for (const auto& [name, value] : value_.items()) {
      const json& schema = Field(properties, name);
      if (schema.is_null()) {
        std::vector<std::string> known;
        for (const auto& property : properties.items()) known.push_back(property.key());
        Add(Path(name), "is not a field: expected one of " + Join(known));
      } else if (!value.is_null()) {  // the API server drops it
        CheckPart(schema, value, Path(name));
      }
    }
  }

  void CheckPart(const json& schema, const json& value, const std::string& path) {
    if (!Checker(schema, value, path, errors_).Run()) fits_ = false;
  }

  // A map: any key, values of one kind.
  void CheckEntries() {
    CheckSize(static_cast<int64_t>(value_.size()), "maxProperties", "minProperties", "entries");
    for (const auto& [name, value] : value_.items()) {
      CheckPart(Field(schema_, "additionalProperties"), value, Path(name));
    }
  }

  void CheckItems() {
    const auto size = static_cast<int64_t>(value_.size());
    CheckSize(size, "maxItems", "minItems", "items");
    const json& items = Field(schema_, "items");
    for (size_t i = 0; i < value_.size(); ++i) {
      CheckPart(items, value_[i], path_ + "[" + std::to_string(i) + "]");
      CheckUnique(i);
    }
  }

  void CheckUnique(size_t index) {
    const std::string type = Text(schema_, "x-kubernetes-list-type");
    if (type != "map" && type != "set") return;
    const auto same = [&](const json& other) {
      if (type == "set") return other == value_[index];
      if (!other.is_object() || !value_[index].is_object()) return false;
      const json& keys = Field(schema_, "x-kubernetes-list-map-keys");
      return std::all_of(keys.begin(), keys.end(), [&](const json& key) {
        const std::string name = key.get<std::string>();
        return Field(other, name) == Field(value_[index], name);
      });
    };
    const auto here = value_.begin() + static_cast<std::ptrdiff_t>(index);
    if (std::none_of(value_.begin(), here, same)) return;
    std::string keys;
    for (const json& key : Field(schema_, "x-kubernetes-list-map-keys")) {
      keys += (keys.empty() ? "" : " and ") + key.get<std::string>();
    }
    Add(path_ + "[" + std::to_string(index) + "]",
        "is a duplicate: expected each " + (type == "set" ? "value" : keys) + " once");
  }

  void CheckText() {
    const std::string text = value_.get<std::string>();
    if (!CheckSize(Length(text), "maxLength", "minLength", "characters")) return;
    const std::string pattern = Text(schema_, "pattern");
    if (!pattern.empty() && !std::regex_search(text, std::regex(pattern))) {
      Expect(false, "text that matches " + pattern);
    }
  }

  void CheckBounds() {
    CheckSize(value_.is_number_integer() ? value_.get<int64_t>() : 0, "maximum", "minimum", "");
  }

  bool CheckSize(int64_t size, const char* most, const char* least, const std::string& unit) {
    const json& maximum = Field(schema_, most);
    const json& minimum = Field(schema_, least);
    const std::string of = unit.empty() ? "" : " " + unit;
    if (maximum.is_number_integer() && size > maximum.get<int64_t>()) {
      return Expect(false, "at most " + ToText(maximum) + of);
    }
    if (minimum.is_number_integer() && size < minimum.get<int64_t>()) {
      return Expect(false, "at least " + ToText(minimum) + of);
    }
    return true;
  }

  void CheckEnum() {
    const json& allowed = Field(schema_, "enum");
    if (allowed.is_null() || std::find(allowed.begin(), allowed.end(), value_) != allowed.end()) return;
    std::vector<std::string> words;
    for (const json& word : allowed) words.push_back(word.is_string() ? word.get<std::string>() : ToText(word));
    Expect(false, "one of " + Join(words));
  }

  void CheckRules() {
    for (const json& rule : Field(schema_, "x-kubernetes-validations")) {
      const std::string text = Text(rule, "rule");
      const Result<bool> holds = RuleHolds(text, value_);
      if (!holds.ok()) {
        Say(path_, holds.error().message);
      } else if (!*holds) {
        Say(path_, (value_.is_string() ? Shown(value_) + ": " : "") + Text(rule, "message"));
      }
    }
  }

  bool Expect(bool holds, const std::string& what) {
    if (!holds) Add(path_, Shown(value_) + ": expected " + what);
    return holds;
  }

  std::string Path(const std::string& field) const { return path_.empty() ? field : path_ + "." + field; }
  void Add(const std::string& path, const std::string& problem) {
    fits_ = false;
    Say(path, problem);
  }
  void Say(const std::string& path, const std::string& problem) {
    errors_.push_back(InvalidArgument(path.empty() ? problem : path + ": " + problem));
  }

  const json& schema_;
  const json& value_;
  const std::string path_;
  std::vector<Error>& errors_;
  bool fits_ = true;
};

}  // namespace

void CheckSchema(const json& schema, const json& value, const std::string& path, std::vector<Error>& errors) {
  try {
    Checker(schema, value, path, errors).Run();
  } catch (const std::exception& e) {  // a pattern of the schema that std::regex does not read
    errors.push_back(Internal(path + ": the schema cannot be used: " + e.what()));
  }
}

}  // namespace firesteel::api
