#include "controller/reconcile/stage2.h"

#include "base/crypto.h"
#include "controller/pki/certificates.h"
#include "controller/plan/boot/boot_entry.h"
#include "controller/plan/control_plane/control_plane_turn.h"
#include "controller/reconcile/boot_secret.h"
#include "controller/render/ignition.h"
#include "controller/render/installer.h"
#include "controller/render/layers.h"
#include "controller/runtime/outcome.h"
#include "proto/limits.h"

namespace firesteel::reconcile {
namespace {

// "" where the cluster needs none.
Result<std::string> VipPassword(const Context& context, const api::Cluster& cluster) {
  if (cluster.spec.vip.provider != api::VipProvider::kHaproxyKeepalived) return std::string();
  const api::ObjectKey key{cluster.metadata.ns, cluster.metadata.name + kVipSecretSuffix};
  const SecretPtr secret = FindSecret(context, key);
  if (!secret) return Unavailable("Secret " + key.ToString() + " is not there yet: it holds the password of the shared address");
  if (secret->Get("password").empty()) {
    return InvalidArgument("Secret " + key.ToString() + " has no key password: delete the Secret to have one made");
  }
  return secret->Get("password");
}

Result<plan::NodeRecipe> RecipeOf(Context& context, const plan::HostView& view, const boot::Endpoint& endpoint) {
  const PkiPtr pki = context.keys.Find(view.cluster->metadata.key());
  if (!pki->ok()) return Unavailable(pki->error().message);
  const Result<std::string> ca_hash = pki::CaHash((*pki)->ca.certificate);
  if (!ca_hash.ok()) return InvalidArgument(ca_hash.error().message);
  const Result<std::string> vip_password = VipPassword(context, *view.cluster);
  if (!vip_password.ok()) return vip_password.error();
  return plan::BuildRecipe({view.host, *view.cluster, *view.secret, **pki, *ca_hash, context.bootd_ca(),
                            plan::TaskOf(view.host, *view.cluster), view.control_planes, *vip_password},
                           {endpoint.http_base_url, endpoint.https_base_url});
}

Result<std::string> BuildStage2(Context& context, const plan::HostView& view, const boot::Endpoint& endpoint) {
  const Result<plan::NodeRecipe> recipe = RecipeOf(context, view, endpoint);
  if (!recipe.ok()) return recipe.error();
  Result<std::string> system = render::MergeLayers(render::IgnitionConfig(*recipe), view.butane.layers);
  if (!system.ok() || !recipe->on_disk) return system;
  const Result<plan::InstallRecipe> install =
      plan::BuildInstall(*recipe, {view.host, *view.cluster, view.artifacts, endpoint.http_base_url});
  if (!install.ok()) return install.error();
  return render::InstallerConfig(*install, *system);
}

Result<contract::Ignition> BuildIgnition(Context& context, const plan::HostView& view, const plan::DeclareBoot& boot,
                                         const boot::Endpoint& endpoint) {
  contract::Ignition ignition;
  ignition.fetch_token = view.secret->fetch_token;
  ignition.report_token = view.secret->report_token;
  ignition.expires_at = view.secret->minted_at + plan::kStage2Life;
  ignition.delivered = boot.delivered;
  if (boot.delivered) return ignition;  // only reports are taken now: the secrets need not travel
  Result<std::string> stage2 = BuildStage2(context, view, endpoint);
  if (stage2.ok() && stage2->size() > contract::kMaxStage2Bytes) {
    stage2 = InvalidArgument("it has " + std::to_string(stage2->size()) + " bytes and bootd takes 4 MiB: make the Butane of the "
                             "host or its Cluster smaller, or have the machine fetch large files itself");
  }
  if (!stage2.ok()) return MakeError(stage2.error().code, "the machine's configuration cannot be made: " + stage2.error().message);
  ignition.stage2 = std::move(*stage2);
  ignition.stage2_sha512 = Sha512Hex(ignition.stage2);
  return ignition;
}

Status DeclareTo(Context& context, const boot::Endpoint& endpoint, const plan::HostView& view, const plan::DeclareBoot& boot) {
  contract::BootEntry entry = plan::BuildEntry(view.host, view.cluster.get(), boot);
  Status made;
  // The watch brings the Secret that was made just now, and with it the next look.
  if (boot.with_ignition && view.secret && view.secret->boot_id == boot.boot_id) {
    Result<contract::Ignition> ignition = BuildIgnition(context, view, boot, endpoint);
    if (ignition.ok()) entry.ignition = std::move(*ignition);
    if (!ignition.ok()) made = ignition.error();
  }
  const Status declared = context.boot.DeclareEntry(endpoint.target, entry);
  if (declared.ok() || !entry.ignition) return declared.ok() ? made : declared;
  entry.ignition.reset();
  const Status without = context.boot.DeclareEntry(endpoint.target, entry);
  return without.ok() ? MakeError(declared.error().code, "bootd refuses the machine's configuration: " + declared.error().message) : without;
}

}  // namespace

Status DeclareBoot(Context& context, const plan::HostView& view, const plan::DeclareBoot& boot) {
  Status all;
  for (const boot::Endpoint& endpoint : context.boot.Endpoints()) {
    const Status declared = DeclareTo(context, endpoint, view, boot);
    if (!declared.ok() && (all.ok() || runtime::NeedsPerson(declared.error().code))) all = declared;
  }
  return all;
}

}  // namespace firesteel::reconcile
