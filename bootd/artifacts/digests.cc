#include "bootd/artifacts/digests.h"

#include <sstream>

namespace bootd::artifacts {

firesteel::Result<std::string> Sha512FromDigests(std::string_view digests, std::string_view file_name) {
  std::istringstream lines{std::string(digests)};
  bool in_section = false;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.front() == '#') {
      in_section = line.find("SHA512 HASH") != std::string::npos;
      continue;
    }
    std::istringstream fields(line);
    std::string hex, name;
    fields >> hex >> name;
    const bool is_sha512 = hex.size() == 128 && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (in_section && is_sha512 && name == file_name) return hex;
  }
  return firesteel::InvalidArgument("no SHA512 of " + std::string(file_name) + " in the DIGESTS file");
}

}  // namespace bootd::artifacts
