#include "bootd/render/kernel_arguments.h"

namespace bootd::render {

std::vector<std::string> KernelArguments(const firesteel::contract::BootEntry& entry, const std::string& base_url) {
  std::vector<std::string> arguments = {"flatcar.first_boot=1",
                                        "ignition.config.url=" + base_url + "/ignition/" + entry.mac.ToHyphens()};
  arguments.insert(arguments.end(), entry.kernel_arguments.begin(), entry.kernel_arguments.end());
  return arguments;
}

}  // namespace bootd::render
