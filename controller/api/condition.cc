#include "controller/api/condition.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "controller/api/json_reader.h"

namespace firesteel::api {
namespace {

const char* ToString(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::kTrue: return "True";
    case ConditionStatus::kFalse: return "False";
    case ConditionStatus::kUnknown: return "Unknown";
  }
  return "Unknown";
}

ConditionStatus StatusFrom(const std::string& text) {
  if (text == "True") return ConditionStatus::kTrue;
  if (text == "False") return ConditionStatus::kFalse;
  return ConditionStatus::kUnknown;
}

}  // namespace

void SetCondition(std::vector<Condition>& conditions, Condition condition, WallTime now) {
  condition.last_transition_time = std::chrono::floor<std::chrono::seconds>(now);
  const auto old = std::find_if(conditions.begin(), conditions.end(),
                                [&](const Condition& c) { return c.type == condition.type; });
  if (old == conditions.end()) {
    conditions.push_back(std::move(condition));
    return;
  }
  if (old->status == condition.status) condition.last_transition_time = old->last_transition_time;
  *old = std::move(condition);
}

const Condition* FindCondition(const std::vector<Condition>& conditions, const std::string& type) {
  for (const Condition& condition : conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

bool IsTrue(const std::vector<Condition>& conditions, const std::string& type) {
  const Condition* condition = FindCondition(conditions, type);
  return condition != nullptr && condition->status == ConditionStatus::kTrue;
}

std::vector<Condition> ConditionsFromJson(const JsonReader& status) {
  std::vector<Condition> conditions;
  const std::vector<JsonReader> items = status.Children("conditions");
  conditions.reserve(items.size());
  for (const JsonReader& item : items) {
    Condition condition;
    condition.type = item.String("type");
    condition.status = StatusFrom(item.String("status"));
    condition.reason = item.String("reason");
    condition.message = item.String("message");
    condition.observed_generation = item.Int("observedGeneration");
    const Result<WallTime> time = ParseTime(item.String("lastTransitionTime"));
    if (time.ok()) condition.last_transition_time = *time;
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

nlohmann::json ConditionsToJson(const std::vector<Condition>& conditions) {
  nlohmann::json list = nlohmann::json::array();
  for (const Condition& condition : conditions) {
    // Field by field: a literal makes a list of each pair before it becomes an object, which takes three times as long.
    nlohmann::json& item = list.emplace_back(nlohmann::json::object());
    item["type"] = condition.type;
    item["status"] = ToString(condition.status);
    item["reason"] = condition.reason;
    item["message"] = condition.message;
    item["observedGeneration"] = condition.observed_generation;
    item["lastTransitionTime"] = FormatTime(condition.last_transition_time);
  }
  return list;
}

}  // namespace firesteel::api
