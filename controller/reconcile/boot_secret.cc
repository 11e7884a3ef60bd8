#include "controller/reconcile/boot_secret.h"

#include "base/crypto.h"
#include "controller/pki/bootstrap_token.h"

namespace firesteel::reconcile {

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

}  // namespace firesteel::reconcile
