// What butane says of a config: remarks, each with the place it is about. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace firesteel::butane {

enum class Severity { kError, kWarning };

// One remark, as users see it.
struct Entry {
  Severity severity = Severity::kError;
  std::string path;     // "$.storage.files.0.mode"; "$" = the whole config
  int line = 0;         // from 1; 0 = unknown
  int column = 0;       // from 1, in characters
  std::string message;  // never holds file contents

  bool operator==(const Entry&) const = default;
};

// "error at $.storage.files.0.path, line 4 col 13: path not absolute", as butane prints it.
std::string ToString(const Entry& entry);

// Where something stands in a config: names of fields and indexes of lists.
struct Step {
  std::string name;
  int index = -1;       // >= 0: an element of a list, and `name` is empty
  bool is_key = false;  // the key itself, not its value

  bool operator==(const Step&) const = default;
};

class Path {
 public:
  Path operator/(std::string_view name) const { return With({std::string(name), -1, false}); }
  Path operator/(size_t index) const { return With({"", static_cast<int>(index), false}); }
  Path Key(const std::string& name) const { return With({name, -1, true}); }
  Path operator+(const Path& rest) const;
  Path Parent() const;

  const std::vector<Step>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }
  std::string ToString() const;  // "$.a.0.b"

 private:
  Path With(Step step) const;
  std::vector<Step> steps_;
};

// A remark before its line is known.
struct Remark {
  Severity severity;
  Path path;
  std::string message;
};

class Report {
 public:
  // An empty message is no remark, so that checks can return "" for "fine".
  void Error(const Path& path, const std::string& message) { Add(Severity::kError, path, message); }
  void Warn(const Path& path, const std::string& message) {
    Add(Severity::kWarning, path, message);
  }
  void Append(const Report& other);
  bool IsFatal() const;

  std::vector<Remark>& remarks() { return remarks_; }
  const std::vector<Remark>& remarks() const { return remarks_; }

 private:
  void Add(Severity severity, const Path& path, const std::string& message);
  std::vector<Remark> remarks_;
};

}  // namespace firesteel::butane
