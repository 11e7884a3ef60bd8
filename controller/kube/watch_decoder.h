// A watch's byte stream, cut anywhere, as events: one JSON object a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/kube/client.h"

namespace firesteel::kube {

// Not thread-safe. After an Error the decoder is of no further use.
class WatchDecoder {
 public:
  // The events that `bytes` completes. An ERROR event or a broken line is an Error (410: kOutOfRange).
  Result<std::vector<WatchEvent>> Feed(std::string_view bytes);

 private:
  std::string line_;  // not yet complete
};

}  // namespace firesteel::kube
