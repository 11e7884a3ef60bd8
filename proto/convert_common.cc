#include "proto/convert_common.h"

#include <google/protobuf/util/time_util.h>

#include "base/utf8.h"
#include "proto/limits.h"

namespace firesteel::contract::internal {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;
using std::chrono::microseconds;

Timestamp ToTimestamp(WallTime time) {
  const auto since = std::chrono::floor<microseconds>(time.time_since_epoch());
  return TimeUtil::MicrosecondsToTimestamp(since.count());
}

Result<WallTime> FromTimestamp(const Timestamp& time) {
  constexpr int64_t kMaxSeconds = 9'000'000'000;  // year 2255: WallTime counts nanoseconds in 64 bits
  if (time.seconds() > kMaxSeconds || time.seconds() < -kMaxSeconds || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return InvalidArgument("is not a time between 1685 and 2255");
  }
  return WallTime(microseconds(TimeUtil::TimestampToMicroseconds(time)));
}

bool IsLowerHex(const std::string& text, size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool IsHttpUrl(const std::string& url) {
  const size_t scheme = url.rfind("http://", 0) == 0 ? 7 : url.rfind("https://", 0) == 0 ? 8 : 0;
  return scheme != 0 && url.size() > scheme && url[scheme] != '/' && url.size() <= kMaxUrlBytes &&
         IsOneLine(url) && url.find(' ') == std::string::npos;
}

Status CheckRules(const std::string& object, std::initializer_list<Rule> rules) {
  for (const Rule& rule : rules) {
    if (rule.kept) continue;
    // It may be the name that is wrong.
    return InvalidArgument((IsOneLine(object) ? CutUtf8(object, kMaxIdBytes) : "(unreadable name)") + ": " + rule.complaint);
  }
  return {};
}

}  // namespace firesteel::contract::internal
