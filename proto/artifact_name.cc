#include "proto/artifact_name.h"

#include <cctype>

namespace firesteel::contract {
namespace {

bool IsAllowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("._+@~-").find(c) != std::string_view::npos;
}

bool IsSafeSegment(std::string_view segment) {
  if (segment.empty() || segment == "." || segment == "..") return false;
  for (char c : segment) {
    if (!IsAllowed(c)) return false;
  }
  return true;
}

}  // namespace

bool IsSafeRelativePath(std::string_view path) {
  constexpr size_t kMaxPath = 512;
  if (path.empty() || path.size() > kMaxPath) return false;
  for (size_t start = 0; start <= path.size();) {
    const size_t slash = path.find('/', start);
    const size_t end = slash == std::string_view::npos ? path.size() : slash;
    if (!IsSafeSegment(path.substr(start, end - start))) return false;
    start = end + 1;
  }
  return true;
}

}  // namespace firesteel::contract
