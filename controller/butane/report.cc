#include "controller/butane/report.h"

#include <algorithm>

namespace firesteel::butane {

std::string ToString(const Entry& entry) {
  std::string text = entry.severity == Severity::kError ? "error" : "warning";
  std::string at = entry.path == "$" ? "" : entry.path;
  if (entry.line > 0) {
    if (!at.empty()) at += ", ";
    at += "line " + std::to_string(entry.line) + " col " + std::to_string(entry.column);
  }
  if (!at.empty()) text += " at " + at;
  return text + ": " + entry.message;
}

Path Path::With(Step step) const {
  Path path = *this;
  path.steps_.push_back(std::move(step));
  return path;
}

Path Path::operator+(const Path& rest) const {
  Path path = *this;
  path.steps_.insert(path.steps_.end(), rest.steps_.begin(), rest.steps_.end());
  return path;
}

Path Path::Parent() const {
  Path path = *this;
  if (!path.steps_.empty()) path.steps_.pop_back();
  return path;
}

std::string Path::ToString() const {
  std::string text = "$";
  for (const Step& step : steps_)
    text += "." + (step.index >= 0 ? std::to_string(step.index) : step.name);
  return text;
}

void Report::Add(Severity severity, const Path& path, const std::string& message) {
  if (!message.empty()) remarks_.push_back({severity, path, message});
}

void Report::Append(const Report& other) {
  remarks_.insert(remarks_.end(), other.remarks_.begin(), other.remarks_.end());
}

bool Report::IsFatal() const {
  return std::any_of(remarks_.begin(), remarks_.end(),
                     [](const Remark& remark) { return remark.severity == Severity::kError; });
}

}  // namespace firesteel::butane
