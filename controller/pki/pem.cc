#include "controller/pki/pem.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace firesteel::pki {
namespace {

std::string Drain(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

BioPtr Reader(const std::string& pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

// OpenSSL's own would ask for an encrypted key's passphrase on the terminal, and wait.
int NoPassphrase(char*, int, int, void*) { return -1; }

// OpenSSL asks each of its decoders in turn, which takes three times as long as asking for the kind that we make.
KeyPtr EcKeyFrom(const std::string& pem) {
  EVP_PKEY* key = nullptr;
  const DecoderPtr decoder(OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", nullptr, "EC", EVP_PKEY_KEYPAIR, nullptr, nullptr));
  if (!decoder || OSSL_DECODER_from_bio(decoder.get(), Reader(pem).get()) != 1) ERR_clear_error();
  return KeyPtr(key);
}

// Leaves nothing in the thread's error queue: the next TLS call there would take it for its own.
Error Malformed(const char* what) {
  ERR_clear_error();
  return InvalidArgument(what);
}

}  // namespace

std::string KeyToPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return Drain(bio.get());
}

std::string PublicKeyToPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(bio.get(), key);
  return Drain(bio.get());
}

std::string CertToPem(X509* cert) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), cert);
  return Drain(bio.get());
}

Result<KeyPtr> KeyFromPem(const std::string& pem) {
  KeyPtr key = EcKeyFrom(pem);
  if (!key) key.reset(PEM_read_bio_PrivateKey(Reader(pem).get(), nullptr, NoPassphrase, nullptr));
  if (!key) return Malformed("not an unencrypted private key in PEM");
  return key;
}

Result<CertPtr> CertFromPem(const std::string& pem) {
  CertPtr cert(PEM_read_bio_X509(Reader(pem).get(), nullptr, nullptr, nullptr));
  if (!cert) return Malformed("not a certificate in PEM");
  return cert;
}

}  // namespace firesteel::pki
