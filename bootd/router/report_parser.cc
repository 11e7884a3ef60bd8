#include "bootd/router/report_parser.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace bootd::router {
namespace {

using firesteel::InvalidArgument;
using firesteel::contract::Report;
using firesteel::contract::ReportState;
using nlohmann::json;

constexpr size_t kMaxLog = 8 * 1024;
constexpr size_t kMaxMessage = 1024;

std::string Text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

// Printable ASCII, tabs and newlines: it goes into Kubernetes objects and on terminals.
std::string Printable(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return (c < ' ' && c != '\n' && c != '\t') || c > '~'; }, '?');
  return text;
}

bool IsStepName(const std::string& step) {
  return !step.empty() && step.size() <= 32 &&
         step.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

}  // namespace

firesteel::Result<Report> ParseReport(const std::string& body) {
  const json object = json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return InvalidArgument("a report is a JSON object");
  Report report;
  report.boot_id = Text(object, "bootID");
  report.step = Text(object, "step");
  const std::string state = Text(object, "state");
  if (!IsStepName(report.step) || report.boot_id.empty()) return InvalidArgument("a report needs bootID and step");
  if (state == "started") {
    report.state = ReportState::kStarted;
  } else if (state == "succeeded") {
    report.state = ReportState::kSucceeded;
  } else if (state == "failed") {
    report.state = ReportState::kFailed;
  } else {
    return InvalidArgument("state is one of started, succeeded, failed");
  }
  report.message = Printable(Text(object, "message").substr(0, kMaxMessage));
  const std::string log = Text(object, "log");
  report.log_tail = Printable(log.size() > kMaxLog ? log.substr(log.size() - kMaxLog) : log);
  return report;
}

}  // namespace bootd::router
