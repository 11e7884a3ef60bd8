// The Secret <host>-boot: what one boot of a host may use up.
#pragma once

#include <optional>

#include "controller/api/bare_metal_host.h"
#include "controller/api/secret.h"
#include "controller/kube/client.h"
#include "controller/plan/view.h"
#include "controller/reconcile/object_index.h"

namespace firesteel::reconcile {

// How long a stage 2 may wait for its machine. After that bootd gives it out no more.
constexpr std::chrono::hours kStage2Life{24};

api::ObjectKey BootSecretKey(const api::BareMetalHost& host);
plan::BootSecret MintBootSecret(const std::string& boot_id, WallTime now);
api::Secret BootSecretToSecret(const api::BareMetalHost& host, const plan::BootSecret& boot);
plan::BootSecret BootSecretFrom(const api::Secret& secret);

// The Secret holds tokens for `boot_id` afterwards, which a machine that has no configuration yet can still use, and
// belongs to this host: one that an earlier host of the same name left behind would be collected with that host.
Status EnsureBootSecret(kube::Client& client, const ObjectIndex<api::Secret>& secrets, const plan::HostView& view,
                        const std::string& boot_id);

}  // namespace firesteel::reconcile
