#include "controller/butane/context_tree.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace firesteel::butane {
namespace {

const ContextTree* Child(const ContextTree& tree, const Step& step) {
  if (step.index >= 0) {
    const auto index = static_cast<size_t>(step.index);
    return index < tree.items.size() ? &tree.items[index] : nullptr;
  }
  const auto found = tree.fields.find(step.name);
  return step.is_key || found == tree.fields.end() ? nullptr : &found->second;
}

void AddField(ContextTree& tree, const std::string& key, Place place, ContextTree value) {
  if (tree.key_places.emplace(key, place).second) tree.keys.push_back(key);
  tree.fields.insert_or_assign(key, std::move(value));
}

}  // namespace

const ContextTree* ContextTree::Find(const Path& path) const {
  const ContextTree* at = this;
  for (const Step& step : path.steps()) {
    at = Child(*at, step);
    if (at == nullptr) return nullptr;
  }
  return at;
}

Place ContextTree::PlaceOf(const Path& path) const {
  const ContextTree* at = this;
  for (size_t i = 0; i < path.steps().size(); ++i) {
    const Step& step = path.steps()[i];
    const auto key = at->key_places.find(step.name);
    if (step.is_key && i + 1 == path.steps().size() && key != at->key_places.end())
      return key->second;
    const ContextTree* next = Child(*at, step);
    if (next == nullptr) break;
    at = next;
  }
  return at->place;
}

ContextTree TreeOf(const YamlNode& node) {
  ContextTree tree;
  tree.place = {node.line, node.column};
  if (node.kind == NodeKind::kSequence) {
    tree.kind = ContextTree::Kind::kList;
    for (const auto& child : node.children) tree.items.push_back(TreeOf(*child));
  } else if (node.kind == NodeKind::kMapping) {
    tree.kind = ContextTree::Kind::kMap;
    for (size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const YamlNode& key = *node.children[i];
      AddField(tree, key.value, {key.line, key.column}, TreeOf(*node.children[i + 1]));
    }
  }
  return tree;
}

ContextTree TreeOf(const nlohmann::ordered_json& value) {
  ContextTree tree;
  if (value.is_array()) {
    tree.kind = ContextTree::Kind::kList;
    for (const auto& item : value) tree.items.push_back(TreeOf(item));
  } else if (value.is_object()) {
    tree.kind = ContextTree::Kind::kMap;
    for (const auto& [key, item] : value.items()) AddField(tree, key, {}, TreeOf(item));
  }
  return tree;
}

}  // namespace firesteel::butane
