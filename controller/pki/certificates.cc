#include "controller/pki/certificates.h"

#include <arpa/inet.h>
#include <openssl/err.h>

#include <ctime>

#include "base/crypto.h"
#include "controller/pki/pem.h"

namespace firesteel::pki {
namespace {

constexpr std::chrono::hours kDay{24};
constexpr std::chrono::hours kCaValidity{24 * 3650};

Error OpenSslError(const std::string& what) {
  char text[256];
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return Internal(what + ": " + text);
}

// False where the value is no name, e.g. longer than RFC 5280's 64 characters.
bool AddName(X509* cert, const char* field, const std::string& value) {
  return value.empty() || X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), field, MBSTRING_UTF8,
                                                     reinterpret_cast<const unsigned char*>(value.data()),
                                                     static_cast<int>(value.size()), -1, 0) == 1;
}

bool AddExtension(X509* cert, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(cert, extension.get(), -1) == 1;
}

// A positive 128-bit serial number, RFC 5280 §4.1.2.2.
void SetRandomSerial(X509* cert) {
  const std::string hex = "1" + RandomHex(15);
  BIGNUM* number = nullptr;
  BN_hex2bn(&number, hex.c_str());
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
  BN_free(number);
}

// Of a P-256 key. X509_set_pubkey would read back in what it has written, which takes longer than all else here.
bool SetPublicKey(X509* cert, EVP_PKEY* key) {
  unsigned char* point = nullptr;
  const size_t size = EVP_PKEY_get1_encoded_public_key(key, &point);
  ASN1_OBJECT* const kind = OBJ_nid2obj(NID_X9_62_id_ecPublicKey);
  ASN1_OBJECT* const curve = OBJ_nid2obj(NID_X9_62_prime256v1);
  const bool set = size != 0 && X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(cert), kind, V_ASN1_OBJECT, curve, point,
                                                       static_cast<int>(size)) == 1;
  if (!set) OPENSSL_free(point);  // else it is the certificate's
  return set;
}

// Of a P-256 key; nullptr = OpenSSL says why not.
CertPtr NewCertificate(EVP_PKEY* key, WallTime now, std::chrono::hours validity) {
  CertPtr cert(X509_new());
  X509_set_version(cert.get(), 2);  // v3
  SetRandomSerial(cert.get());
  const std::time_t from = std::chrono::system_clock::to_time_t(now - kDay);
  const std::time_t to = std::chrono::system_clock::to_time_t(now + validity);
  ASN1_TIME_set(X509_getm_notBefore(cert.get()), from);
  ASN1_TIME_set(X509_getm_notAfter(cert.get()), to);
  return SetPublicKey(cert.get(), key) ? std::move(cert) : nullptr;
}

bool IsIp(const std::string& name) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(AF_INET, name.c_str(), buffer) == 1 || inet_pton(AF_INET6, name.c_str(), buffer) == 1;
}

std::string SubjectAltNames(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ",";
    text += (IsIp(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

bool AddLeafExtensions(X509* cert, X509* issuer, const LeafRequest& request) {
  const bool server = !request.server_names.empty();
  return AddExtension(cert, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         AddExtension(cert, issuer, NID_key_usage, "critical,digitalSignature,keyEncipherment") &&
         AddExtension(cert, issuer, NID_ext_key_usage, server ? "serverAuth" : "clientAuth") &&
         AddExtension(cert, issuer, NID_authority_key_identifier, "keyid") &&
         (!server || AddExtension(cert, issuer, NID_subject_alt_name, SubjectAltNames(request.server_names)));
}

}  // namespace

Result<KeyPair> GenerateCa(const std::string& common_name, WallTime now) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return OpenSslError("cannot make a key");
  const CertPtr cert = NewCertificate(key.get(), now, kCaValidity);
  const bool ok = cert && AddName(cert.get(), "CN", common_name) &&
                  X509_set_issuer_name(cert.get(), X509_get_subject_name(cert.get())) == 1 &&
                  AddExtension(cert.get(), cert.get(), NID_basic_constraints, "critical,CA:TRUE") &&
                  AddExtension(cert.get(), cert.get(), NID_key_usage,
                               "critical,digitalSignature,keyEncipherment,keyCertSign") &&
                  AddExtension(cert.get(), cert.get(), NID_subject_key_identifier, "hash") &&
                  X509_sign(cert.get(), key.get(), EVP_sha256()) != 0;
  if (!ok) return OpenSslError("cannot make the authority " + common_name);
  return KeyPair{CertToPem(cert.get()), KeyToPem(key.get())};
}

Result<KeyPair> GenerateServiceAccountKey() {
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return OpenSslError("cannot make a service account key");
  return KeyPair{PublicKeyToPem(key.get()), KeyToPem(key.get())};
}

Result<std::string> CaHash(const std::string& ca_certificate) {
  const Result<CertPtr> cert = CertFromPem(ca_certificate);
  if (!cert.ok()) return cert.error();
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert->get()), &der);
  if (size <= 0) return OpenSslError("cannot read the authority's public key");
  const std::string hash = Sha256Hex({reinterpret_cast<char*>(der), static_cast<size_t>(size)});
  OPENSSL_free(der);
  return "sha256:" + hash;
}

Result<KeyPair> IssueLeaf(const KeyPair& ca, const LeafRequest& request, WallTime now) {
  const Result<CertPtr> issuer = CertFromPem(ca.certificate);
  if (!issuer.ok()) return issuer.error();
  const Result<KeyPtr> issuer_key = KeyFromPem(ca.key);
  if (!issuer_key.ok()) return issuer_key.error();
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (!key) return OpenSslError("cannot make a key");
  const CertPtr cert = NewCertificate(key.get(), now, request.validity);
  if (!cert || !AddName(cert.get(), "O", request.organization) || !AddName(cert.get(), "CN", request.common_name) ||
      X509_set_issuer_name(cert.get(), X509_get_subject_name(issuer->get())) != 1 ||
      !AddLeafExtensions(cert.get(), issuer->get(), request) ||
      X509_sign(cert.get(), issuer_key->get(), EVP_sha256()) == 0) {
    return OpenSslError("cannot issue a certificate for " + request.common_name);
  }
  return KeyPair{CertToPem(cert.get()), KeyToPem(key.get())};
}

Status CheckCa(const KeyPair& ca) {
  const Result<CertPtr> cert = CertFromPem(ca.certificate);
  if (!cert.ok()) return InvalidArgument("tls.crt: " + cert.error().message);
  const Result<KeyPtr> key = KeyFromPem(ca.key);
  if (!key.ok()) return InvalidArgument("tls.key: " + key.error().message);
  if (X509_check_private_key(cert->get(), key->get()) != 1) {
    ERR_clear_error();
    return InvalidArgument("tls.key does not belong to tls.crt");
  }
  if (X509_check_ca(cert->get()) != 1) return InvalidArgument("tls.crt is not a certificate authority");
  return {};
}

bool IsIssuedBy(const std::string& certificate, const std::string& ca_certificate) {
  const Result<CertPtr> cert = CertFromPem(certificate);
  const Result<CertPtr> ca = CertFromPem(ca_certificate);
  const bool issued = cert.ok() && ca.ok() && X509_verify(cert->get(), X509_get0_pubkey(ca->get())) == 1;
  if (!issued) ERR_clear_error();
  return issued;
}

Result<Validity> ValidityOf(const std::string& certificate) {
  const Result<CertPtr> cert = CertFromPem(certificate);
  if (!cert.ok()) return cert.error();
  std::tm from{};
  std::tm until{};
  if (ASN1_TIME_to_tm(X509_get0_notBefore(cert->get()), &from) != 1 ||
      ASN1_TIME_to_tm(X509_get0_notAfter(cert->get()), &until) != 1) {
    return OpenSslError("cannot read from when until when a certificate is valid");
  }
  return Validity{std::chrono::system_clock::from_time_t(timegm(&from)),
                  std::chrono::system_clock::from_time_t(timegm(&until))};
}

}  // namespace firesteel::pki
