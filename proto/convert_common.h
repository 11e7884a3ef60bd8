// What convert*.cc share.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <initializer_list>
#include <string>

#include "base/clock.h"
#include "base/result.h"

namespace firesteel::contract::internal {

google::protobuf::Timestamp ToTimestamp(WallTime time);           // to the microsecond
Result<WallTime> FromTimestamp(const google::protobuf::Timestamp& time);

bool IsLowerHex(const std::string& text, size_t digits);
bool IsHttpUrl(const std::string& url);  // http(s)://…, one line without spaces, ≤ kMaxUrlBytes

// A rule that a message has to keep, and what to say if it does not.
struct Rule {
  bool kept;
  const char* complaint;
};
// kInvalidArgument "<object>: <complaint>" of the first rule that is not kept.
Status CheckRules(const std::string& object, std::initializer_list<Rule> rules);

}  // namespace firesteel::contract::internal
