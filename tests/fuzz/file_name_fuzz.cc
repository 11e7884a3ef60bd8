// Names that strangers ask for: no path that comes out leads out of its root.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "bootd/router/file_name.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const std::string& file : bootd::router::FilesMeantBy({reinterpret_cast<const char*>(data), size})) {
    const std::string framed = "/" + file + "/";
    if (file.empty() || file.size() > 512) std::abort();
    for (const char* bad : {"//", "/./", "/../", "\\", " "}) {
      if (framed.find(bad) != std::string::npos) std::abort();
    }
  }
  return 0;
}
