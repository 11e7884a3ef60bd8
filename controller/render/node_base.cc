#include "controller/render/node_base.h"

#include "controller/render/network.h"
#include "controller/render/node_env.h"
#include "node_files.h"

namespace firesteel::render {

void AddIdentity(const plan::NodeRecipe& recipe, ConfigBuilder& out) {
  out.File("/etc/hostname", kPublic, recipe.hostname + "\n");
  for (const NetworkFile& file : NetworkFiles(recipe.interfaces)) {
    out.File("/etc/systemd/network/" + file.name, kPublic, file.content);
  }
}

void AddReporting(const plan::NodeRecipe& recipe, ConfigBuilder& out) {
  out.File("/opt/firesteel/report", kScript, node::kReportSh);
  out.File("/opt/firesteel/deliver-reports", kScript, node::kDeliverReportsSh);
  out.File("/opt/firesteel/run-step", kScript, node::kRunStepSh);
  out.File("/etc/firesteel/node.env", kPublic, NodeEnv(recipe));
  out.File("/etc/firesteel/bootd-ca.pem", kPublic, recipe.bootd_ca);
  out.File("/etc/firesteel/report-authorization", kSecret, "Authorization: Bearer " + recipe.report_token + "\n");
  out.Unit("firesteel-reporter.path", node::kFiresteelReporterPath, true);
  out.Unit("firesteel-reporter.service", node::kFiresteelReporterService, false);
}

}  // namespace firesteel::render
