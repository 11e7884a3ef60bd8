#include "controller/render/oem_grub.h"

#include <vector>

namespace firesteel::render {
namespace {

// One line of GRUB's language: within double quotes a backslash takes the meaning from a dollar sign and a backslash.
// Quotes around a value are left out: GRUB's linux command would put a backslash before them, and the kernel drops
// them itself. https://www.gnu.org/software/grub/manual/grub/html_node/Quoting.html
std::string Append(const std::vector<std::string>& arguments) {
  std::string text = "set linux_append=\"$linux_append";
  for (const std::string& argument : arguments) {
    text += ' ';
    for (const char c : argument) {
      if (c == '\\' || c == '$') text += '\\';
      if (c != '"') text += c;
    }
  }
  return text + "\"\n";
}

}  // namespace

std::string OemGrubConfig(const plan::InstallRecipe& recipe) {
  if (recipe.kernel_arguments.empty() && recipe.first_start_arguments.empty()) return "";
  std::string text = "# Firesteel: os.kernelArguments of the Cluster, and network.initrd of the BareMetalHost.\n";
  if (!recipe.kernel_arguments.empty()) text += Append(recipe.kernel_arguments);
  if (!recipe.first_start_arguments.empty()) {
    text += "if [ -f \"($root)/flatcar/first_boot\" ]; then\n  " + Append(recipe.first_start_arguments) + "fi\n";
  }
  return text;
}

}  // namespace firesteel::render
