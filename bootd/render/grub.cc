#include "bootd/render/grub.h"

#include "bootd/render/kernel_arguments.h"

namespace bootd::render {
namespace {

using firesteel::contract::BootEntry;

// Single quotes keep everything but themselves; a line would end the command.
std::string Quote(const std::string& text) {
  std::string quoted = "'";
  for (char c : text) quoted += c >= ' ' && c <= '~' && c != '\'' ? c : '_';
  return quoted + "'";
}

// GRUB's linux command would put a backslash before a quote. The kernel drops quotes around a value without blanks itself.
std::string WithoutQuotes(std::string argument) {
  std::erase(argument, '"');
  return argument;
}

// "http://10.0.0.1:8080" → "(http,10.0.0.1,8080)"; brackets of IPv6 stay.
std::string Device(const std::string& base_url) {
  std::string server = base_url.substr(base_url.find("://") + 3);
  const size_t colon = server.find(':', server.rfind(']') == std::string::npos ? 0 : server.rfind(']'));
  if (colon != std::string::npos) server[colon] = ',';
  return "(http," + server + ")";
}

}  // namespace

std::string GrubChainConfig(const std::string& base_url) {
  // What is loaded comes back here if it is not there, or ends. A prompt would wait for a person for ever.
  const std::string load = "configfile " + Device(base_url) + "/grub/grub.cfg-01-$net_default_mac\n";
  return load + "sleep 10\n" + load + "echo " + Quote("Firesteel does not know this machine, or " + base_url + " does not answer.") +
         "\nsleep 5\nexit 1\n";
}

std::string GrubBootConfig(const BootEntry& entry, const std::string& base_url) {
  const std::string artifacts = Device(base_url) + "/artifacts/";
  std::string linux_line = "linux " + artifacts + entry.kernel;
  for (const std::string& argument : KernelArguments(entry, base_url)) linux_line += " " + Quote(WithoutQuotes(argument));
  std::string initrd_line = entry.initrds.empty() ? "true" : "initrd";
  for (const std::string& initrd : entry.initrds) initrd_line += " " + artifacts + initrd;
  // GRUB's shell knows no "&&".
  return "echo " + Quote("Firesteel boots " + entry.id) + "\nif " + linux_line + "; then\n  if " + initrd_line +
         "; then\n    boot\n  fi\nfi\necho 'A download failed; starting again in 10 seconds.'\nsleep 10\nreboot\n";
}

std::string GrubHoldConfig(const BootEntry& entry, const std::string& reason) {
  // A configuration that loads itself would nest until memory ends.
  return "echo " + Quote("Firesteel holds " + entry.id + ": " + reason) + "\nsleep 30\nreboot\n";
}

std::string GrubLocalBootConfig(const BootEntry& entry) {
  return "echo " + Quote("Firesteel lets " + entry.id + " start from its disk") + "\nexit 1\n";
}

}  // namespace bootd::render
