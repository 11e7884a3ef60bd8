// Whose plan reads what of an object: when it changes, these are looked at again. What each plan reads is said in
// controller/plan/facts.h; here is only who the readers are. Pure.
#pragma once

#include <optional>

#include "controller/api/bare_metal_host.h"
#include "controller/api/secret.h"

namespace firesteel::reconcile {

// Besides the host itself, which is looked at after every change.
struct HostReaders {
  bool rivals = false;         // hosts that share an identity with it, before or now
  bool cluster = false;        // its Cluster now, which counts its hosts
  bool left = false;           // its Cluster before, and all hosts of that
  bool peers = false;          // control planes of its Cluster now, and of the one before
  bool operator==(const HostReaders&) const = default;
};
// nullptr: it was not there, or is not there any more.
HostReaders ReadersOf(const api::BareMetalHost* before, const api::BareMetalHost* now);

enum class SecretKind {
  kOfHost,        // <host>-boot
  kKeys,          // of a cluster: all of its hosts wait for them
  kOfCluster,     // another one of a cluster, its kubeconfig most of all: it matters to hosts that have booted
  kOfNobody,
};
struct SecretReader {
  SecretKind kind = SecretKind::kOfNobody;
  api::ObjectKey reader;  // the host or the Cluster
};
SecretReader ReaderOf(const api::Secret& secret);

// Whether `key` belongs to one of `slices` parts of all keys. Every key is in exactly one, and the same one always.
bool IsInSlice(const api::ObjectKey& key, size_t slice, size_t slices);

}  // namespace firesteel::reconcile
