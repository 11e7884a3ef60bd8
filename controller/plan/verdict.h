// The three conditions that kubectl wait, kstatus and Argo CD read, set together so that they never
// disagree. kstatus: https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus
#pragma once

#include <string>
#include <vector>

#include "controller/api/condition.h"

namespace firesteel::plan {

enum class Progress { kDone, kWorking, kStalled, kPaused };

struct Verdict {
  Progress progress = Progress::kWorking;
  std::string reason;
  std::string message;  // one line for people
};

Verdict Done(std::string reason, std::string message);      // Ready
Verdict Working(std::string reason, std::string message);   // Reconciling: time or others will fix it
Verdict Stalled(std::string reason, std::string message);   // only a person can fix it
Verdict Paused(std::string reason);  // Ready keeps its value, nothing is in progress

void ApplyVerdict(const Verdict& verdict, int64_t generation, WallTime now,
                  std::vector<api::Condition>& conditions);

}  // namespace firesteel::plan
