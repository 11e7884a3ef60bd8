#include "controller/render/updates.h"

#include <algorithm>

#include "node_files.h"

namespace firesteel::render {

// Verify=no: nobody signs what bootd lists. Whoever could forge the list could run anything on the node, so
// it comes over HTTPS only, and sysupdate.conf lets the service trust bootd's authority alone; the list's
// SHA-256 then vouches for the image, which bootd checked against the Cluster's.
std::string SysupdateConfig(const plan::NodeSysext& sysext) {
  const std::string pattern = "MatchPattern=" + sysext.series + "@v.raw\n";
  return "[Transfer]\n"
         "Verify=no\n"
         "\n"
         "[Source]\n"
         "Type=url-file\n"
         "Path=" + sysext.updates_url + "\n" + pattern +
         "\n"
         "[Target]\n"
         "Type=regular-file\n"
         "Path=/opt/extensions/" + sysext.name + "\n" + pattern +
         "CurrentSymlink=/etc/extensions/" + sysext.name + ".raw\n"
         "InstancesMax=2\n";
}

void AddUpdates(const plan::NodeRecipe& recipe, ConfigBuilder& out) {
  const auto updates = [](const plan::NodeSysext& sysext) { return !sysext.updates_url.empty(); };
  if (std::none_of(recipe.sysexts.begin(), recipe.sysexts.end(), updates)) return;
  for (const plan::NodeSysext& sysext : recipe.sysexts) {
    if (!updates(sysext)) continue;
    out.File("/etc/sysupdate." + sysext.name + ".d/" + sysext.name + ".conf", kPublic, SysupdateConfig(sysext));
  }
  out.File("/opt/firesteel/update-extensions", kScript, node::kUpdateExtensionsSh);
  out.Dropin("systemd-sysupdate.service", "firesteel.conf", node::kSysupdateConf);
  out.Enable("systemd-sysupdate.timer");
}

}  // namespace firesteel::render
