// Keys and certificates as PEM text. Included only by pki/*.cc.
#pragma once

#include <string>

#include "base/result.h"
#include "controller/pki/openssl_ptr.h"

namespace firesteel::pki {

std::string KeyToPem(EVP_PKEY* key);        // PKCS#8, unencrypted
std::string PublicKeyToPem(EVP_PKEY* key);  // SubjectPublicKeyInfo
std::string CertToPem(X509* cert);
Result<KeyPtr> KeyFromPem(const std::string& pem);
Result<CertPtr> CertFromPem(const std::string& pem);

}  // namespace firesteel::pki
