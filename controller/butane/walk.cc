#include "controller/butane/walk.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace firesteel::butane {
namespace {

using nlohmann::json;

void WalkAt(const Type& type, const json& value, const Path& path, Side side,
            const Visitor& visitor) {
  visitor.on_struct(type, value, path);
  for (const Field& field : type.fields) {
    const char* name = NameOf(field, side);
    if (name[0] == '\0') continue;
    const Path at = path / name;
    if (field.kind == Kind::kStruct) WalkAt(*field.type, ObjectAt(value, name), at, side, visitor);
    if (field.kind != Kind::kStructs && field.kind != Kind::kStrings) continue;
    const json& list = ListAt(value, name);
    for (size_t i = 0; i < list.size(); ++i) {
      if (field.kind == Kind::kStructs) WalkAt(*field.type, list[i], at / i, side, visitor);
      if (field.kind == Kind::kStrings && visitor.on_string) {
        visitor.on_string(field, list[i].get_ref<const std::string&>(), at / i);
      }
    }
  }
}

bool Knows(const Type& type, const std::string& key, Side side) {
  for (const Field& field : type.fields) {
    if (!key.empty() && key == NameOf(field, side)) return true;
  }
  return false;
}

}  // namespace

const char* NameOf(const Field& field, Side side) {
  return side == Side::kYaml ? field.yaml : field.json;
}

void Walk(const Type& type, const json& value, Side side, const Visitor& visitor) {
  WalkAt(type, value, Path(), side, visitor);
}

Report UnusedKeys(const Type& root, const json& value, Side side, const ContextTree& tree) {
  Report report;
  const auto check = [&](const Type& type, const json&, const Path& path) {
    const ContextTree* at = tree.Find(path);
    if (at == nullptr) return;
    if (at->kind != ContextTree::Kind::kMap) {
      report.Warn(
          path,
          "context tree does not match content tree at " + path.ToString() +
              ". Line and column reporting may be inconsistent. Unused keys may not be reported");
      return;
    }
    for (const std::string& key : at->keys) {
      if (!Knows(type, key, side)) report.Warn(path.Key(key), "unused key " + key);
    }
  };
  Walk(root, value, side, {check, nullptr});
  return report;
}

Report Duplicates(const Type& root, const json& config) {
  Report report;
  const auto check = [&report](const Type& type, const json& value, const Path& path) {
    std::map<std::string, std::set<std::string>> seen;
    for (const Field& field : type.fields) {
      const bool is_list = field.kind == Kind::kStructs || field.kind == Kind::kStrings;
      if (!is_list || field.json[0] == '\0' || field.keep_duplicates) continue;
      std::set<std::string>& keys = seen[field.key_space[0] == '\0' ? field.json : field.key_space];
      const json& list = ListAt(value, field.json);
      for (size_t i = 0; i < list.size(); ++i) {
        if (!keys.insert(KeyOf(field, list[i])).second)
          report.Error(path / field.json / i, "duplicate entry defined");
      }
    }
  };
  Walk(root, config, Side::kJson, {check, nullptr});
  return report;
}

}  // namespace firesteel::butane
