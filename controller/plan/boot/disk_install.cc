#include "controller/plan/boot/disk_install.h"

#include "proto/boot_event.h"

namespace firesteel::plan {

bool IsInstalled(const api::BareMetalHostSpec& spec, const api::BareMetalHostStatus& status) {
  return spec.installation == api::Installation::kDisk && !status.boot_id.empty() &&
         status.installed_boot_id == status.boot_id;
}

void NoteInstalled(const api::BareMetalHost& host, api::BareMetalHostStatus& status, std::vector<Story>& stories) {
  if (host.spec.installation != api::Installation::kDisk || status.boot_id.empty()) return;
  if (!status.step.empty() && status.step != contract::kInstallStep) status.installed_boot_id = status.boot_id;
  if (!IsInstalled(host.spec, status) || IsInstalled(host.spec, host.status)) return;
  stories.push_back({.warning = false,
                     .reason = "Installed",
                     .message = "the operating system is on the disk, and the machine starts from there",
                     .key = status.boot_id + "/installed"});
}

Verdict InstallVerdict(const api::BareMetalHostStatus& status) {
  if (status.step != contract::kInstallStep) return Working("Installing", "the installer starts");
  if (status.step_state == "failed") {
    return Working("InstallFailed", "installing to disk failed, the machine tries again: " + status.step_message);
  }
  return Working("Installing", status.step_message.empty() ? "installing to disk" : status.step_message);
}

}  // namespace firesteel::plan
