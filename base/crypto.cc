#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstdlib>

#include "base/encoding.h"

namespace firesteel {

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(DigestAlgorithm algorithm) : state_(std::make_unique<State>()) {
  const EVP_MD* md = algorithm == DigestAlgorithm::kSha256 ? EVP_sha256() : EVP_sha512();
  EVP_DigestInit_ex(state_->context, md, nullptr);
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::Update(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Digest::FinishHex() {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, bytes, &size);
  return HexEncode({reinterpret_cast<const char*>(bytes), size});
}

std::string Sha256Hex(std::string_view bytes) {
  Digest digest(DigestAlgorithm::kSha256);
  digest.Update(bytes);
  return digest.FinishHex();
}

std::string Sha512Hex(std::string_view bytes) {
  Digest digest(DigestAlgorithm::kSha512);
  digest.Update(bytes);
  return digest.FinishHex();
}

std::string RandomHex(size_t bytes) {
  std::string raw(bytes, '\0');
  const int ok = RAND_bytes(reinterpret_cast<unsigned char*>(raw.data()), static_cast<int>(bytes));
  if (ok != 1) std::abort();
  return HexEncode(raw);
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace firesteel
