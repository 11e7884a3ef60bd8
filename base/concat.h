// Joins texts with one allocation, where a + b + c needs one for each plus sign.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace firesteel {

inline std::string Concat(std::initializer_list<std::string_view> parts) {
  size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  std::string text;
  text.reserve(size);
  for (const std::string_view part : parts) text += part;
  return text;
}

}  // namespace firesteel
