#include "bootd/render/pxelinux.h"

#include "bootd/render/kernel_arguments.h"

namespace bootd::render {
namespace {

using firesteel::contract::BootEntry;

// A line ends a directive; nothing else is special in APPEND and SAY.
std::string Clean(const std::string& text) {
  std::string clean;
  for (char c : text) clean += c >= ' ' && c <= '~' ? c : '_';
  return clean;
}

}  // namespace

std::string PxelinuxBootConfig(const BootEntry& entry, const PxelinuxSource& source, const std::string& base_url) {
  std::string initrds;
  for (const std::string& initrd : entry.initrds) {
    initrds += (initrds.empty() ? "  INITRD " : ",") + source.artifacts + initrd;
  }
  std::string append;
  for (const std::string& argument : KernelArguments(entry, base_url)) append += " " + Clean(argument);
  return "DEFAULT firesteel\nPROMPT 0\nSAY Firesteel boots " + Clean(entry.id) + "\nLABEL firesteel\n  LINUX " +
         source.artifacts + entry.kernel + "\n" + initrds + (initrds.empty() ? "" : "\n") + "  APPEND" + append + "\n";
}

std::string PxelinuxHoldConfig(const BootEntry& entry, const std::string& reason, const PxelinuxSource& source) {
  // The timeout, in tenths of a second, only counts at a prompt.
  return "SAY Firesteel holds " + Clean(entry.id) + ": " + Clean(reason) +
         "\nDEFAULT again\nPROMPT 1\nTIMEOUT 100\nLABEL again\n  CONFIG " + source.config + "\n";
}

std::string PxelinuxUnknownConfig() {
  return "DEFAULT disk\nPROMPT 0\nSAY This machine is not known to Firesteel. Going on with the next boot device.\n"
         "LABEL disk\n  LOCALBOOT -1\n";
}

std::string PxelinuxLocalBootConfig(const BootEntry& entry) {
  return "DEFAULT disk\nPROMPT 0\nSAY Firesteel lets " + Clean(entry.id) +
         " start from its disk\nLABEL disk\n  LOCALBOOT -1\n";
}

}  // namespace bootd::render
