// What one daemon sends the other: bytes to protobuf to plain structs. What was understood is written and
// understood again as the same; what was refused is refused with a word that could go into a log line.
#include <cstdint>
#include <cstdlib>

#include "base/utf8.h"
#include "proto/convert.h"
#include "proto/limits.h"

namespace {

using namespace firesteel::contract;  // NOLINT: a test of it

void Require(bool condition) {
  if (!condition) std::abort();
}

template <typename Wire>
void Check(const Wire& wire) {
  const auto plain = FromProto(wire);
  if (!plain.ok()) {
    Require(firesteel::IsOneLine(plain.error().message) && plain.error().message.size() <= 2 * kMaxIdBytes);
    return;
  }
  const auto again = FromProto(ToProto(*plain));
  Require(again.ok() && *again == *plain);
}

template <typename List>
void CheckAll(const List& list) {
  for (const auto& item : list) Check(item);
}

void CheckDeclared(const pb::ControllerMessage& message) {
  CheckAll(message.snapshot().entries());
  CheckAll(message.snapshot().artifacts());
  CheckAll(message.delta().upsert_entries());
  CheckAll(message.delta().upsert_artifacts());
}

void CheckObserved(const pb::BootdMessage& message) {
  if (message.has_hello()) Check(message.hello());
  if (message.has_event()) Check(message.event());
  if (message.has_artifact_status()) Check(message.artifact_status());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pb::ControllerMessage declared;
  if (declared.ParseFromArray(data, static_cast<int>(size))) CheckDeclared(declared);
  pb::BootdMessage observed;
  if (observed.ParseFromArray(data, static_cast<int>(size))) CheckObserved(observed);
  return 0;
}
