#include "controller/api/cel_rules.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "controller/api/cel_functions.h"
#include "controller/api/cel_syntax.h"

namespace firesteel::api {
namespace {

using nlohmann::json;
using Names = std::set<std::string>;
using Kind = CelNode::Kind;
using Outcome = Result<json>;

const Names kMacros = {"all", "exists", "exists_one", "filter", "map"};
const Names kOperators = {"&&", "||", "?:", "!", "-", "==", "!=", "<", "<=", ">", ">=", "in", "+", "*", "has"};

// Null counts as absent: the API server drops it.
const json* Find(const json& object, const std::string& key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

Outcome Unknown(const std::string& what) { return Internal("firesteel cannot check " + what); }

class Evaluator {
 public:
  explicit Evaluator(const json& self) { variables_["self"] = self; }

  Outcome Value(const CelNode& node) {
    switch (node.kind) {
      case Kind::kLiteral: return node.literal;
      case Kind::kList: return List(node);
      case Kind::kName: return Variable(node.name);
      case Kind::kField: return Field(node);
      case Kind::kIndex: return Index(node);
      case Kind::kCall: return Call(node);
      case Kind::kMethod: return Method(node);
    }
    return Unknown("this expression");
  }

 private:
  Outcome Variable(const std::string& name) {
    const auto it = variables_.find(name);
    return it == variables_.end() ? Unknown("the variable '" + name + "'") : Outcome(it->second);
  }

  Outcome Field(const CelNode& node) {
    const Outcome object = Value(node.children.at(0));
    if (!object.ok()) return object;
    const json* field = Find(*object, node.name);
    return field == nullptr ? InvalidArgument("there is no " + node.name) : Outcome(*field);
  }

  Outcome Index(const CelNode& node) {
    const Outcome list = Value(node.children.at(0));
    if (!list.ok()) return list;
    const Outcome index = Value(node.children.at(1));
    if (!index.ok()) return index;
    if (list->is_object() && index->is_string() && list->contains(index->get<std::string>())) return list->at(index->get<std::string>());
    const bool good = list->is_array() && index->is_number_integer() && index->get<int64_t>() >= 0 &&
                      index->get<size_t>() < list->size();
    return good ? Outcome(list->at(index->get<size_t>())) : InvalidArgument("there is no such element");
  }

  Result<std::vector<json>> Values(const std::vector<CelNode>& nodes) {
    std::vector<json> values;
    for (const CelNode& node : nodes) {
      Outcome value = Value(node);
      if (!value.ok()) return value.error();
      values.push_back(std::move(*value));
    }
    return values;
  }

  Outcome List(const CelNode& node) {
    const Result<std::vector<json>> values = Values(node.children);
    return values.ok() ? Outcome(json(*values)) : values.error();
  }

  Outcome Call(const CelNode& node) {
    if (node.name == "&&" || node.name == "||") return Either(node, node.name == "||");
    if (node.name == "?:") return Choose(node);
    if (node.name == "has") return Has(node);
    const Result<std::vector<json>> values = Values(node.children);
    if (!values.ok()) return values.error();
    const bool word = node.name != "in" && node.name[0] >= 'a';
    return word ? CallCelFunction(node.name, *values) : ApplyCelOperator(node.name, *values);
  }

  Outcome Has(const CelNode& node) {
    const CelNode& field = node.children.at(0);
    if (field.kind != Kind::kField) return Unknown("has() of what is not a field");
    const Outcome object = Value(field.children.at(0));
    return object.ok() ? Outcome(json(Find(*object, field.name) != nullptr)) : object;
  }

  // One side that decides is enough, though the other one is an error.
  Outcome Either(const CelNode& node, bool deciding) {
    const Outcome left = Value(node.children.at(0));
    if (left.ok() && *left == json(deciding)) return json(deciding);
    const Outcome right = Value(node.children.at(1));
    if (right.ok() && *right == json(deciding)) return json(deciding);
    return left.ok() ? right : left;
  }

  Outcome Choose(const CelNode& node) {
    const Outcome condition = Value(node.children.at(0));
    if (!condition.ok()) return condition;
    return Value(node.children.at(*condition == json(true) ? 1 : 2));
  }

  Outcome Method(const CelNode& node) {
    if (kMacros.count(node.name) != 0 && node.children.size() == 3 && node.children[1].kind == Kind::kName) return Macro(node);
    const Result<std::vector<json>> values = Values(node.children);
    return values.ok() ? CallCelFunction(node.name, *values) : values.error();
  }

  // What a macro goes through: the items of a list, or the keys of a map.
  Outcome Items(const CelNode& node) {
    const Outcome range = Value(node);
    if (!range.ok() || range->is_array()) return range;
    if (!range->is_object()) return Unknown("a macro over what is no list");
    json keys = json::array();
    for (const auto& entry : range->items()) keys.push_back(entry.key());
    return keys;
  }

  Outcome Macro(const CelNode& node) {
    const Outcome items = Items(node.children[0]);
    if (!items.ok()) return items;
    const std::map<std::string, json> outside = variables_;
    json collected = json::array();  // the items for which the expression is true; of map, its values
    Outcome failed = json();
    for (const json& item : *items) {
      variables_[node.children[1].name] = item;
      const Outcome value = Value(node.children[2]);
      if (!value.ok()) failed = value;
      if (value.ok() && node.name == "map") collected.push_back(*value);
      if (value.ok() && node.name != "map" && *value == json(true)) collected.push_back(item);
      if (value.ok() && *value == json(node.name == "exists") && (node.name == "exists" || node.name == "all")) {
        variables_ = outside;
        return value;
      }
    }
    variables_ = outside;
    if (!failed.ok()) return failed;
    if (node.name == "exists_one") return json(collected.size() == 1);
    return node.name == "all" ? json(true) : node.name == "exists" ? json(false) : collected;
  }

  std::map<std::string, json> variables_;
};

// The first name in a rule that nobody here knows; "" = none.
std::string UnknownName(const CelNode& node) {
  const bool known = node.kind == Kind::kCall     ? kOperators.count(node.name) != 0 || IsCelFunction(node.name)
                     : node.kind == Kind::kMethod ? kMacros.count(node.name) != 0 || IsCelFunction(node.name)
                                                  : true;
  if (!known) return node.name;
  for (const CelNode& child : node.children) {
    if (std::string name = UnknownName(child); !name.empty()) return name;
  }
  return "";
}

Result<bool> Evaluate(const std::string& rule, const json& self) {
  const Result<CelNode> tree = ParseCel(rule);
  if (!tree.ok()) return Internal("firesteel cannot read the rule " + rule + ": " + tree.error().message);
  if (Mentions(*tree, "oldSelf")) return true;
  const Outcome value = Evaluator(self).Value(*tree);
  if (!value.ok()) return Error{value.error().code, "the rule " + rule + " cannot be checked: " + value.error().message};
  if (!value->is_boolean()) return Internal("the rule " + rule + " is neither true nor false");
  return value->get<bool>();
}

}  // namespace

Status RuleIsKnown(const std::string& rule) {
  const Result<CelNode> tree = ParseCel(rule);
  if (!tree.ok()) return tree.error();
  const std::string unknown = UnknownName(*tree);
  return unknown.empty() ? Status() : Internal("the rule " + rule + " calls '" + unknown + "', which firesteel does not know");
}

Result<bool> RuleHolds(const std::string& rule, const json& self) {
  try {
    return Evaluate(rule, self);
  } catch (const std::exception& e) {
    return Internal("the rule " + rule + " cannot be checked: " + e.what());
  }
}

}  // namespace firesteel::api
