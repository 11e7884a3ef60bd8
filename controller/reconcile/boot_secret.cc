#include "controller/reconcile/boot_secret.h"

#include <nlohmann/json.hpp>

#include "base/crypto.h"
#include "controller/pki/bootstrap_token.h"

namespace firesteel::reconcile {
namespace {

using nlohmann::json;

bool Belongs(const api::Secret& secret, const api::BareMetalHost& host) {
  return secret.owner && secret.owner->uid == host.metadata.uid;
}

// Conditional on the version in view. What was minted before may have come into view since the plan was made; minted
// twice, a machine could be given tokens that are no longer kept.
Status Replace(kube::Client& client, const api::Secret& old, const plan::HostView& view, const plan::EnsureBootSecret& ensure,
               const api::Secret& fresh) {
  if (ensure.Accepts(BootSecretFrom(old)) && Belongs(old, view.host)) return {};
  const json object = api::SecretToJson(fresh);
  json metadata = {{"resourceVersion", old.metadata.resource_version}};
  for (const char* field : {"labels", "ownerReferences"}) metadata[field] = object.at("metadata").at(field);
  const Result<std::string> patched = client.MergePatch(kube::kSecrets, old.metadata.key(), kube::Subresource::kNone,
                                                        {{"metadata", metadata}, {"data", object.at("data")}});
  return patched.ok() ? Status() : patched.error();
}

}  // namespace

api::ObjectKey BootSecretKey(const api::BareMetalHost& host) {
  return {host.metadata.ns, host.metadata.name + "-boot"};
}

plan::BootSecret MintBootSecret(const std::string& boot_id, WallTime now) {
  return {.boot_id = boot_id,
          .fetch_token = RandomHex(32),
          .report_token = RandomHex(32),
          .join_token = pki::GenerateBootstrapToken().ToString(),
          .minted_at = now};
}

api::Secret BootSecretToSecret(const api::BareMetalHost& host, const plan::BootSecret& boot) {
  const api::ObjectKey key = BootSecretKey(host);
  api::Secret secret;
  secret.metadata.name = key.name;
  secret.metadata.ns = key.ns;
  secret.metadata.labels[api::kClusterNameLabel] = host.spec.cluster;
  secret.type = "firesteel.dev/boot";
  secret.data = {{"bootID", boot.boot_id},
                 {"fetchToken", boot.fetch_token},
                 {"reportToken", boot.report_token},
                 {"joinToken", boot.join_token},
                 {"mintedAt", FormatTime(boot.minted_at)}};
  secret.owner = api::OwnerReference{api::kApiVersion, "BareMetalHost", host.metadata.name, host.metadata.uid};
  return secret;
}

plan::BootSecret BootSecretFrom(const api::Secret& secret) {
  plan::BootSecret boot{.boot_id = secret.Get("bootID"),
                        .fetch_token = secret.Get("fetchToken"),
                        .report_token = secret.Get("reportToken"),
                        .join_token = secret.Get("joinToken"),
                        .minted_at = {}};
  const Result<WallTime> minted = ParseTime(secret.Get("mintedAt"));
  if (minted.ok()) boot.minted_at = *minted;
  return boot;
}

Status EnsureBootSecret(kube::Client& client, const ObjectIndex<api::Secret>& secrets, const plan::HostView& view,
                        const plan::EnsureBootSecret& ensure) {
  if (view.secret && ensure.Accepts(*view.secret)) return {};
  const api::Secret secret = BootSecretToSecret(view.host, MintBootSecret(ensure.boot_id, view.now));
  const api::ObjectKey key = BootSecretKey(view.host);
  const Result<json> created = client.Create(kube::kSecrets, key.ns, api::SecretToJson(secret));
  if (created.ok()) return {};  // the watch brings it back, and with it the next reconcile
  if (created.error().code != Code::kAlreadyExists) return created.error();
  const auto old = secrets.Find(key);
  if (old == nullptr || !old->ok()) return MakeError(Code::kConflict, "the boot Secret is not in view yet");
  return Replace(client, **old, view, ensure, secret);
}

}  // namespace firesteel::reconcile
