// metav1.Condition and the one rule for setting it.
// https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#Condition
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "base/clock.h"

namespace firesteel::api {

enum class ConditionStatus { kTrue, kFalse, kUnknown };

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;   // CamelCase, never empty
  std::string message;  // for people
  int64_t observed_generation = 0;
  WallTime last_transition_time;

  bool operator==(const Condition&) const = default;
};

// Sets or adds by type. last_transition_time moves only when the status flips (whole seconds).
void SetCondition(std::vector<Condition>& conditions, Condition condition, WallTime now);
const Condition* FindCondition(const std::vector<Condition>& conditions, const std::string& type);
bool IsTrue(const std::vector<Condition>& conditions, const std::string& type);

class JsonReader;
std::vector<Condition> ConditionsFromJson(const JsonReader& status);  // its field "conditions"
nlohmann::json ConditionsToJson(const std::vector<Condition>& conditions);

}  // namespace firesteel::api
