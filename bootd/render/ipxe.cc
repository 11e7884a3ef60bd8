#include "bootd/render/ipxe.h"

#include <algorithm>
#include <string_view>

#include "bootd/render/kernel_arguments.h"

namespace bootd::render {
namespace {

using firesteel::contract::BootEntry;

// The script that is fetched takes this one's place: when it exits, iPXE leaves to the firmware with its
// status instead of going on here, and a machine that waits for hours nests nothing.
// https://ipxe.org/cmd/chain
const std::string kChain = "chain --replace --autofree ";

// For text to be shown: iPXE expands ${…}, and ends a command at a newline and at the words ||, && and ;.
void AppendClean(std::string& script, std::string_view text) {
  for (const char c : text) {
    const bool printable = c >= ' ' && c <= '~';
    const bool special = c == '$' || c == '|' || c == '&' || c == ';' || c == '#';
    script.push_back(printable && !special ? c : '_');
  }
}

// A kernel argument, as it is written. What iPXE would not take so, the CRD refuses; it must not become a command here.
void AppendArgument(std::string& script, std::string_view argument) {
  const bool is_word = argument == "||" || argument == "&&" || argument == ";" || argument.substr(0, 1) == "#";
  const bool plain = std::all_of(argument.begin(), argument.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (is_word || !plain || argument.find("${") != std::string_view::npos) return AppendClean(script, argument);
  script.append(argument);
}

std::string Clean(std::string_view text) {
  std::string clean;
  AppendClean(clean, text);
  return clean;
}

std::string_view FileName(std::string_view artifact) { return artifact.substr(artifact.rfind('/') + 1); }

// UEFI firmware takes only a failed exit for "go on".
constexpr char kGoOn[] = "Going on with the next boot device.\nsleep 5\nexit 1\n";

// This machine is to boot from the network: it waits for bootd, however long bootd is away.
std::string AskAgain(const BootEntry& entry, const std::string& base_url) {
  return ":again\n" + kChain + base_url + "/ipxe/" + entry.mac.ToHyphens() + " || sleep 10\ngoto again\n";
}

}  // namespace

std::string ChainScript(const std::string& base_url) {
  // An EFI iPXE runs autoexec.ipxe before its network interface is open, whatever ${net0/ip} says: ask
  // for an address again in any case.
  std::string script = "#!ipxe\ndhcp || dhcp || dhcp || goto failed\n";
  // bootd answers every machine, also one that it does not know. So a failure means that bootd is not there.
  for (const int pause : {2, 5, 10, 20, 30, 30}) {
    script += kChain + base_url + "/ipxe/${netX/mac:hexhyp} || sleep " + std::to_string(pause) + "\n";
  }
  return script + ":failed\necho bootd (" + base_url + ") does not answer. " + kGoOn;
}

std::string BootScript(const BootEntry& entry, const std::string& base_url) {
  std::string script;
  script.reserve(1000);  // most scripts; what is larger malloc does not keep at hand
  script.append("#!ipxe\necho Firesteel boots ");
  AppendClean(script, entry.id);
  script.append("\nkernel ").append(base_url).append("/artifacts/").append(entry.kernel);
  std::string initrds;
  for (const std::string& initrd : entry.initrds) {
    // UEFI kernels find their initrd by this argument.
    script.append(" initrd=").append(FileName(initrd));
    initrds.append("initrd ").append(base_url).append("/artifacts/").append(initrd).append(" || goto failed\n");
  }
  for (const std::string& argument : KernelArguments(entry, base_url)) AppendArgument(script.append(" "), argument);
  script.append(" || goto failed\n").append(initrds);
  script.append("boot || goto failed\n:failed\necho A download failed; trying again in 10 seconds.\nsleep 10\n");
  return script.append(AskAgain(entry, base_url));
}

std::string LocalBootScript(const BootEntry& entry) {
  return "#!ipxe\necho Firesteel lets " + Clean(entry.id) + " start from its disk\nexit 1\n";
}

std::string UnknownScript(const firesteel::MacAddress& mac) {
  return "#!ipxe\necho This machine (" + mac.ToString() + ") is not known to Firesteel. " + kGoOn;
}

std::string HoldScript(const BootEntry& entry, const std::string& reason, const std::string& base_url) {
  return "#!ipxe\necho Firesteel holds " + Clean(entry.id) + ": " + Clean(reason) + "\nsleep 10\n" +
         AskAgain(entry, base_url);
}

}  // namespace bootd::render
