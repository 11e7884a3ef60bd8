#include "controller/butane/merge.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace firesteel::butane {
namespace {

using nlohmann::json;

// One side of a merge: a struct or a list, and where it stands.
struct Side {
  const json& value;
  Path path;
};

class Merger {
 public:
  explicit Merger(std::vector<Mapping>* transcript) : transcript_(transcript) {}

  json MergeStruct(const Type& type, const Side& parent, const Side& child, const Path& to) {
    json result = json::object();
    const Index index = IndexOf(type, child.value);
    for (const Field& field : type.fields) {
      if (field.json[0] != '\0') MergeField({field, index, to / field.json}, parent, child, result);
    }
    return result;
  }

 private:
  // The child's elements by key: in which list, at which place. The last of equal ones counts.
  struct Entry {
    const Field* list;
    size_t at;
  };
  using Index = std::map<std::pair<std::string, std::string>, Entry>;

  struct Spot {
    const Field& field;
    const Index& index;
    Path to;
  };

  static std::string SpaceOf(const Field& field) {
    return field.key_space[0] != '\0' ? field.key_space : field.json;
  }
  static bool IsList(const Field& field) {
    return field.kind == Kind::kStrings || field.kind == Kind::kStructs;
  }

  static Index IndexOf(const Type& type, const json& child) {
    Index index;
    for (const Field& field : type.fields) {
      if (!IsList(field) || field.keep_duplicates || field.json[0] == '\0') continue;
      const json& list = ListAt(child, field.json);
      for (size_t i = 0; i < list.size(); ++i)
        index[{SpaceOf(field), KeyOf(field, list[i])}] = {&field, i};
    }
    return index;
  }

  void MergeField(const Spot& spot, const Side& parent, const Side& child, json& result) {
    const char* name = spot.field.json;
    const json* from_parent = FindField(parent.value, name);
    const json* from_child = FindField(child.value, name);
    if (from_parent == nullptr && from_child == nullptr) return;
    if (IsList(spot.field)) {
      const Side p{ListAt(parent.value, name), parent.path / name};
      const Side c{ListAt(child.value, name), child.path / name};
      if (!p.value.empty() || !c.value.empty())
        result[name] = spot.field.keep_duplicates ? Join(spot, p, c) : MergeList(spot, p, c);
      return;
    }
    if (spot.field.kind == Kind::kStruct && from_parent != nullptr && from_child != nullptr) {
      result[name] = MergeStruct(*spot.field.type, {*from_parent, parent.path / name},
                                 {*from_child, child.path / name}, spot.to);
      Note(false, parent.path / name, spot.to);
      Note(true, child.path / name, spot.to);
      return;
    }
    // A plain value of the child counts even when it is empty.
    const bool plain = spot.field.kind == Kind::kString || spot.field.kind == Kind::kInt;
    const bool use_child = from_child != nullptr || plain;
    const json* winner = use_child ? from_child : from_parent;
    if (winner == nullptr) return;
    result[name] = *winner;
    NoteTree(spot.field, *winner,
             {use_child, (use_child ? child.path : parent.path) / name, spot.to});
  }

  json Join(const Spot& spot, const Side& parent, const Side& child) {
    json list = json::array();
    for (const Side* side : {&parent, &child}) {
      for (size_t i = 0; i < side->value.size(); ++i) {
        NoteElement(spot.field, side->value[i],
                    {side == &child, side->path / i, spot.to / list.size()});
        list.push_back(side->value[i]);
      }
    }
    if (!parent.value.empty()) Note(false, parent.path, spot.to);
    if (!child.value.empty()) Note(true, child.path, spot.to);
    return list;
  }

  json MergeList(const Spot& spot, const Side& parent, const Side& child) {
    json list = json::array();
    bool has_parent = false;
    bool has_child = false;
    std::set<std::string> parent_keys;
    for (size_t i = 0; i < parent.value.size(); ++i) {
      const json& item = parent.value[i];
      const std::string key = KeyOf(spot.field, item);
      parent_keys.insert(key);
      const auto found = spot.index.find({SpaceOf(spot.field), key});
      if (found == spot.index.end()) {
        NoteElement(spot.field, item, {false, parent.path / i, spot.to / list.size()});
        list.push_back(item);
        has_parent = true;
      } else if (found->second.list == &spot.field) {
        MergeElement(spot, {item, parent.path / i},
                     {child.value[found->second.at], child.path / found->second.at}, list);
        has_parent = has_child = true;
      }  // else the child has it in another list, and there it is
    }
    for (size_t i = 0; i < child.value.size(); ++i) {
      if (parent_keys.count(KeyOf(spot.field, child.value[i])) != 0) continue;
      NoteElement(spot.field, child.value[i], {true, child.path / i, spot.to / list.size()});
      list.push_back(child.value[i]);
      has_child = true;
    }
    if (has_parent) Note(false, parent.path, spot.to);
    if (has_child) Note(true, child.path, spot.to);
    return list;
  }

  void MergeElement(const Spot& spot, const Side& parent, const Side& child, json& list) {
    const Path to = spot.to / list.size();
    if (spot.field.kind == Kind::kStrings) {
      NoteElement(spot.field, child.value, {true, child.path, to});
      list.push_back(child.value);
      return;
    }
    // A header without a value takes the parent's away.
    const bool is_header = std::string(spot.field.list_name) == "HTTPHeaders";
    if (is_header && FindField(child.value, "value") == nullptr) return;
    list.push_back(MergeStruct(*spot.field.type, parent, child, to));
    Note(false, parent.path, to);
    Note(true, child.path, to);
  }

  void Note(bool from_child, const Path& from, const Path& to) {
    if (transcript_ != nullptr) transcript_->push_back({from_child, from, to});
  }

  // Notes every part that is not empty; returns whether there was one.
  bool NoteTree(const Field& field, const json& value, const Mapping& at) {
    if (transcript_ == nullptr) return false;
    if (!IsList(field)) return NoteElement(field, value, at);
    bool any = false;
    for (size_t i = 0; i < value.size(); ++i) {
      any = NoteElement(field, value[i], {at.from_child, at.from / i, at.to / i}) || any;
    }
    if (any) transcript_->push_back(at);
    return any;
  }

  bool NoteElement(const Field& field, const json& value, const Mapping& at) {
    if (transcript_ == nullptr) return false;
    bool any = field.type == nullptr && value != "";
    any = any || (field.type == nullptr && field.kind == Kind::kOptionalString);
    if (field.type != nullptr) {
      for (const Field& inner : field.type->fields) {
        const json* part = inner.json[0] == '\0' ? nullptr : FindField(value, inner.json);
        if (part == nullptr) continue;
        any = NoteTree(inner, *part, {at.from_child, at.from / inner.json, at.to / inner.json}) ||
              any;
      }
    }
    if (any) transcript_->push_back(at);
    return any;
  }

  std::vector<Mapping>* const transcript_;
};

}  // namespace

json MergeNormal(const Type& type, const json& parent, const json& child,
                 std::vector<Mapping>* transcript) {
  return Merger(transcript).MergeStruct(type, {parent, Path()}, {child, Path()}, Path());
}

json ToWritten(const Type& type, const json& normal) {
  json written = json::object();
  for (const Field& field : type.fields) {
    if (field.json[0] == '\0') continue;
    const json* value = FindField(normal, field.json);
    if (value == nullptr) {
      if (field.required) written[field.json] = "";
    } else if (field.kind == Kind::kStruct) {
      json inner = ToWritten(*field.type, *value);
      if (!inner.empty()) written[field.json] = std::move(inner);
    } else if (field.kind == Kind::kStructs) {
      for (const json& item : *value) written[field.json].push_back(ToWritten(*field.type, item));
    } else if (!value->is_array() || !value->empty()) {
      written[field.json] = *value;
    }
  }
  return written;
}

}  // namespace firesteel::butane
