#include "controller/butane/translations.h"

namespace firesteel::butane {
namespace {

// sizeMiB → size_mib, httpProxy → http_proxy.
std::string SnakeCase(const std::string& name) {
  std::string snake;
  for (size_t i = 0; i < name.size(); ++i) {
    const bool is_mib = name.compare(i, 3, "MiB") == 0;
    if (name[i] >= 'A' && name[i] <= 'Z') snake += '_';
    snake += static_cast<char>(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + ('a' - 'A') : name[i]);
    if (!is_mib) continue;
    snake += "ib";
    i += 2;
  }
  return snake;
}

Path SnakePath(const Path& path) {
  Path snake;
  for (const Step& step : path.steps()) {
    snake =
        step.index >= 0 ? snake / static_cast<size_t>(step.index) : snake / SnakeCase(step.name);
  }
  return snake;
}

}  // namespace

const Path* Translations::Find(const Path& to) const {
  const auto found = sources_.find(to.ToString());
  return found == sources_.end() ? nullptr : &found->second;
}

Report Translations::MapBack(const Report& report) const {
  Report mapped = report;
  for (Remark& remark : mapped.remarks()) {
    const Path* from = Find(remark.path);
    remark.path = from != nullptr ? *from : SnakePath(remark.path);
  }
  return mapped;
}

}  // namespace firesteel::butane
