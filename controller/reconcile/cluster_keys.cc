#include "controller/reconcile/cluster_keys.h"

#include <algorithm>

#include "controller/pki/certificates.h"

namespace firesteel::reconcile {
namespace {

constexpr std::chrono::seconds kHeadStart{15};

Result<plan::ClusterPki> ReadPki(const PkiSecrets& secrets) {
  if (!IsComplete(secrets)) return NotFound("the cluster's keys are not in view yet");
  plan::ClusterPki pki;
  plan::CertificateAuthority* const authorities[] = {&pki.ca, &pki.etcd, &pki.front_proxy, &pki.service_account};
  for (size_t i = 0; i < kPkiSuffixes.size(); ++i) {
    const api::Secret& secret = **secrets[i];
    plan::CertificateAuthority& authority = *authorities[i];
    authority = {secret.Get("tls.crt"), secret.Get("tls.key")};
    const bool service_account = &authority == &pki.service_account;
    const Status usable = service_account ? Status() : pki::CheckCa({authority.certificate, authority.key});
    if (!usable.ok()) return InvalidArgument("Secret " + secret.metadata.name + ": " + usable.error().message);
  }
  return pki;
}

}  // namespace

PkiSecrets FindPkiSecrets(const ObjectIndex<api::Secret>& secrets, const api::ObjectKey& cluster) {
  PkiSecrets found;
  for (size_t i = 0; i < found.size(); ++i) found[i] = secrets.Find({cluster.ns, cluster.name + kPkiSuffixes[i]});
  return found;
}

bool IsPkiSecret(const api::ObjectKey& secret, const api::ObjectKey& cluster) {
  return std::any_of(kPkiSuffixes.begin(), kPkiSuffixes.end(),
                     [&](const char* suffix) { return secret.name == cluster.name + suffix; });
}

bool IsComplete(const PkiSecrets& secrets) {
  return std::all_of(secrets.begin(), secrets.end(),
                     [](const auto& secret) { return secret != nullptr && secret->ok(); });
}

PkiPtr ClusterKeys::Find(const api::ObjectKey& cluster) {
  const std::shared_ptr<Item> item = ItemOf(cluster);
  std::lock_guard lock(item->mutex);
  const uint64_t version = secrets_.Version();  // before they are looked for: a change in between is one to come
  if (item->pki != nullptr && item->version == version) return item->pki;
  item->version = version;
  PkiSecrets secrets = FindPkiSecrets(secrets_, cluster);
  if (item->pki != nullptr && item->secrets == secrets) return item->pki;
  item->pki = std::make_shared<const Result<plan::ClusterPki>>(ReadPki(secrets));
  item->secrets = std::move(secrets);
  return item->pki;
}

std::shared_ptr<ClusterKeys::Item> ClusterKeys::ItemOf(const api::ObjectKey& cluster) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<Item>& item = items_[cluster];
  if (item == nullptr) item = std::make_shared<Item>(clock_.Monotonic());
  return item;
}

std::chrono::milliseconds ClusterKeys::HeadStart(const api::ObjectKey& cluster) const {
  const MonotonicTime now = clock_.Monotonic();
  std::lock_guard lock(mutex_);
  const auto it = items_.find(cluster);
  if (it == items_.end() || now >= it->second->first_asked + kHeadStart) return {};
  return std::chrono::ceil<std::chrono::milliseconds>(it->second->first_asked + kHeadStart - now);
}

void ClusterKeys::Forget(const api::ObjectKey& cluster) {
  std::lock_guard lock(mutex_);
  items_.erase(cluster);
}

}  // namespace firesteel::reconcile
