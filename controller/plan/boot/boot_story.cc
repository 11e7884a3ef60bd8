#include "controller/plan/boot/boot_story.h"

#include <algorithm>
#include <regex>
#include <sstream>

#include "controller/plan/control_plane/join_claim.h"

namespace firesteel::plan {
namespace {

using contract::BootEvent;
using contract::EventKind;
using contract::Report;
using contract::ReportState;

// Of a failing unit's last lines, as many as a person reads in one message.
constexpr size_t kMaxStepMessage = 1024;

const char* StateName(ReportState state) {
  switch (state) {
    case ReportState::kStarted: return "started";
    case ReportState::kSucceeded: return "succeeded";
    case ReportState::kFailed: return "failed";
  }
  return "failed";
}

std::string LastBytes(const std::string& text, size_t limit) {
  if (text.size() <= limit) return text;
  const size_t line = text.find('\n', text.size() - limit);
  return line == std::string::npos ? text.substr(text.size() - limit) : text.substr(line + 1);
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t") != std::string::npos) lines.push_back(std::move(line));
  }
  return lines;
}

// "error execution phase …", "ctr: failed to …"
bool NamesAnError(const std::string& line) {
  static const std::regex pattern(R"(^(\S+ )?(error|fatal|failed)\b)", std::regex::icase | std::regex::optimize);
  return std::regex_search(line.substr(0, 100), pattern);
}

// `kubectl get` shows the first line only. So the line that tells why goes first: kubeadm, for example, prints advice
// after it.
std::string WithReasonFirst(const std::string& log) {
  const std::vector<std::string> lines = Lines(log);
  if (lines.size() < 2) return log;
  const auto named = std::find_if(lines.rbegin(), lines.rend(), NamesAnError);
  return (named == lines.rend() ? lines.back() : *named) + "\n" + log;
}

Story Tell(const BootEvent& event, std::string reason, std::string message) {
  return {.warning = false,
          .reason = std::move(reason),
          .message = std::move(message),
          .key = event.boot_id + "/" + std::to_string(static_cast<int>(event.kind)) + "/" + event.detail};
}

void FoldDelivery(const BootEvent& event, api::BareMetalHostStatus& status, std::vector<Story>& stories) {
  if (status.ignition_boot_id != event.boot_id) status.node_name.clear();  // it runs another system now
  status.ignition_boot_id = event.boot_id;
  Story story = Tell(event, "IgnitionDelivered", "the node's configuration was delivered, once, over HTTPS");
  story.key = event.boot_id + "/delivered";
  stories.push_back(std::move(story));
}

void FoldReport(const BootEvent& event, const Report& report, api::BareMetalHostStatus& status,
                std::vector<Story>& stories) {
  // Only stage 2 holds what it takes to report: bootd may have died before it could say "delivered".
  if (status.ignition_boot_id != event.boot_id) FoldDelivery(event, status, stories);
  const bool failed = report.state == ReportState::kFailed;
  status.step = report.step;
  status.step_state = StateName(report.state);
  status.step_message = report.message;
  if (failed && !report.log_tail.empty()) {
    status.step_message += ": " + WithReasonFirst(LastBytes(report.log_tail, kMaxStepMessage));
  }
  if (contract::SaysInstalled(report)) status.installed_boot_id = event.boot_id;
  const std::string what = report.step + " " + status.step_state;
  Story story = Tell(event, failed ? "BootstrapStepFailed" : "BootstrapStep",
                     status.step_message.empty() ? what : what + ": " + status.step_message);
  story.warning = failed;
  story.key += report.step + "/" + status.step_state + "/" + report.message;
  stories.push_back(std::move(story));
}

void FoldScript(const BootEvent& event, api::BareMetalHostStatus& status,
                std::vector<Story>& stories) {
  // Kubernetes keeps whole seconds: the same event is to be known again after it was written down.
  const WallTime time = std::chrono::floor<std::chrono::seconds>(event.time);
  const bool seen = status.booted_at && *status.booted_at >= time;
  if (!status.booted_at) status.node_name.clear();  // what ran under that name does no longer
  if (!seen) {
    status.booted_at = time;
    ++status.boot_attempts;
  }
  if (status.node_name.empty()) status.ip = event.client_address;
  Story story = Tell(event, "Booting", "the machine asked for its boot script from " +
                                           event.client_address);
  story.key += "/" + FormatTime(event.time);
  stories.push_back(std::move(story));
}

void FoldRefusal(const BootEvent& event, std::vector<Story>& stories) {
  Story story = Tell(event, "IgnitionRefused", "refused " + event.client_address +
                                                   " its Ignition configuration: " + event.detail);
  story.warning = true;
  stories.push_back(std::move(story));
}

void FoldBroken(const BootEvent& event, std::vector<Story>& stories) {
  Story story = Tell(event, "IgnitionBroken",
                     "a transfer of the configuration to " + event.client_address +
                         " broke off, part of it may have been read there; if that is not this machine, its secrets are known to "
                         "somebody: reprovision it, and of a control plane the cluster");
  story.warning = true;
  story.key += "/" + event.client_address;
  stories.push_back(std::move(story));
}

}  // namespace

bool FoldBootEvents(const std::vector<BootEvent>& events, api::BareMetalHostStatus& status,
                    std::vector<Story>& stories) {
  bool held = false;
  for (const BootEvent& event : events) {
    if (event.boot_id != status.boot_id) continue;
    if (!status.seen_at || event.time - *status.seen_at >= kSeenStep) status.seen_at = event.time;
    switch (event.kind) {
      case EventKind::kScript: FoldScript(event, status, stories); break;
      case EventKind::kKernel: stories.push_back(Tell(event, "KernelFetched", event.detail)); break;
      case EventKind::kInitrd: stories.push_back(Tell(event, "InitrdFetched", event.detail)); break;
      case EventKind::kIgnitionStage1:
        stories.push_back(Tell(event, "IgnitionStage1", "Ignition fetched its first stage"));
        break;
      case EventKind::kIgnitionDelivered: FoldDelivery(event, status, stories); break;
      case EventKind::kIgnitionRefused: FoldRefusal(event, stories); break;
      case EventKind::kIgnitionBroken: FoldBroken(event, stories); break;
      case EventKind::kReport:
        if (event.report) FoldReport(event, *event.report, status, stories);
        break;
      case EventKind::kHeld: held = true; break;
      case EventKind::kIgnitionWaiting:
        // Ignition asks only while the machine boots: this makes good for a SCRIPT event that was lost.
        if (!status.booted_at) FoldScript(event, status, stories);
        break;
      case EventKind::kOffer:
        stories.push_back(Tell(event, "BootOffered", "proxyDHCP offered " + event.detail));
        break;
      case EventKind::kLoader:
      case EventKind::kUnknownMac:
        break;
    }
  }
  return held;
}

}  // namespace firesteel::plan
