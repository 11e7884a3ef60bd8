// The Secret <host>-boot: what one boot of a host may use up.
#pragma once

#include <optional>

#include "controller/api/bare_metal_host.h"
#include "controller/api/secret.h"
#include "controller/plan/view.h"

namespace firesteel::reconcile {

api::ObjectKey BootSecretKey(const api::BareMetalHost& host);
plan::BootSecret MintBootSecret(const std::string& boot_id, WallTime now);
api::Secret BootSecretToSecret(const api::BareMetalHost& host, const plan::BootSecret& boot);
plan::BootSecret BootSecretFrom(const api::Secret& secret);

}  // namespace firesteel::reconcile
