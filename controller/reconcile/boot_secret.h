// The Secret <host>-boot: what one boot of a host may use up.
#pragma once

#include <optional>

#include "controller/api/bare_metal_host.h"
#include "controller/api/secret.h"
#include "controller/kube/client.h"
#include "controller/plan/action.h"
#include "controller/plan/view.h"
#include "controller/reconcile/object_index.h"

namespace firesteel::reconcile {

api::ObjectKey BootSecretKey(const api::BareMetalHost& host);
plan::BootSecret MintBootSecret(const std::string& boot_id, WallTime now);
api::Secret BootSecretToSecret(const api::BareMetalHost& host, const plan::BootSecret& boot);
plan::BootSecret BootSecretFrom(const api::Secret& secret);

// The Secret is one that the plan accepts afterwards, and belongs to this host: one that an earlier host of the same name
// left behind would be collected with that host.
Status EnsureBootSecret(kube::Client& client, const ObjectIndex<api::Secret>& secrets, const plan::HostView& view,
                        const plan::EnsureBootSecret& ensure);

}  // namespace firesteel::reconcile
