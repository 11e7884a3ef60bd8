#include "controller/render/installer.h"

#include "controller/render/config_builder.h"
#include "controller/render/node_base.h"
#include "controller/render/node_env.h"
#include "controller/render/oem_grub.h"
#include "node_files.h"

namespace firesteel::render {
namespace {

std::string InstallEnv(const plan::InstallRecipe& recipe) {
  return EnvLine("IMAGE_URL", recipe.image_url) + EnvLine("IMAGE_SHA512", recipe.image_sha512) +
         EnvLine("DISK_CONFLICTS", ToString(recipe.conflicts));
}

// Hints that are not given are empty.
std::string DiskHints(const api::RootDeviceHints& hints) {
  std::string text = EnvLine("DEVICE_NAME", hints.device_name) + EnvLine("HCTL", hints.hctl);
  text += EnvLine("MODEL", hints.model) + EnvLine("VENDOR", hints.vendor);
  text += EnvLine("SERIAL_NUMBER", hints.serial_number) + EnvLine("WWN", hints.wwn);
  text += EnvLine("MIN_SIZE_GIB", hints.min_size_gigabytes == 0 ? "" : std::to_string(hints.min_size_gigabytes));
  return text + EnvLine("ROTATIONAL", hints.rotational ? (*hints.rotational ? "1" : "0") : "");
}

}  // namespace

std::string InstallerConfig(const plan::InstallRecipe& recipe, const std::string& system) {
  ConfigBuilder out;
  AddIdentity(recipe.node, out);
  AddReporting(recipe.node, out);
  out.File("/opt/firesteel/disks", kPublic, node::kDisksSh);
  out.File("/opt/firesteel/find-disk", kScript, node::kFindDiskSh);
  out.File("/opt/firesteel/disk-conflicts", kScript, node::kDiskConflictsSh);
  out.File("/opt/firesteel/wipe-disk", kScript, node::kWipeDiskSh);
  out.File("/opt/firesteel/install", kScript, node::kInstallSh);
  out.File("/opt/firesteel/restart", kScript, node::kRestartSh);
  out.File("/etc/firesteel/install.env", kPublic, InstallEnv(recipe));
  out.File("/etc/firesteel/disk-hints.env", kPublic, DiskHints(recipe.hints));
  const std::string grub = OemGrubConfig(recipe);
  if (!grub.empty()) out.File("/etc/firesteel/oem-grub.cfg", kPublic, grub);
  out.File("/etc/firesteel/node.ign", kSecret, system);
  out.Unit("firesteel-install.service", node::kFiresteelInstallService, true);
  return out.Finish(recipe.node.ssh_authorized_keys);
}

}  // namespace firesteel::render
