// A cluster's certificate authorities and what is issued from them, as `kubeadm init phase certs` would
// make them (https://kubernetes.io/docs/setup/best-practices/certificates/). PEM text in, PEM text out.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace firesteel::pki {

struct KeyPair {
  std::string certificate;  // PEM; for a service-account key the public key
  std::string key;          // PEM, PKCS#8
  bool operator==(const KeyPair&) const = default;
};

// A self-signed ECDSA P-256 authority for ten years, backdated by a day: machines' clocks are off.
Result<KeyPair> GenerateCa(const std::string& common_name, WallTime now);

// ECDSA P-256 too: what kube-apiserver and kube-controller-manager sign tokens with (ES256).
Result<KeyPair> GenerateServiceAccountKey();

// "sha256:<hex>" of the certificate's SubjectPublicKeyInfo: kubeadm's discovery pin.
Result<std::string> CaHash(const std::string& ca_certificate);

struct LeafRequest {
  std::string common_name;
  std::string organization;              // "" = none
  std::vector<std::string> server_names;  // DNS names and IPs; none = a client certificate
  std::chrono::hours validity{24 * 365};
};
Result<KeyPair> IssueLeaf(const KeyPair& ca, const LeafRequest& request, WallTime now);

// Whether key and certificate are a usable authority; the Error says what is wrong with it.
Status CheckCa(const KeyPair& ca);

// Whether the authority's key signed the certificate; false also where one of them cannot be read.
bool IsIssuedBy(const std::string& certificate, const std::string& ca_certificate);

struct Validity {
  WallTime from;
  WallTime until;
};
Result<Validity> ValidityOf(const std::string& certificate);

}  // namespace firesteel::pki
