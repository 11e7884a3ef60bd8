// Digests, randomness and secret comparison, over OpenSSL.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firesteel {

enum class DigestAlgorithm { kSha256, kSha512 };

// An incremental digest, for streams. Not thread-safe.
class Digest {
 public:
  explicit Digest(DigestAlgorithm algorithm);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void Update(std::string_view bytes);
  std::string FinishHex();  // lower-case hex; call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string Sha256Hex(std::string_view bytes);
std::string Sha512Hex(std::string_view bytes);

// `bytes` bytes from the operating system's generator, as lower-case hex. Aborts if there are none:
// there is no safe way on.
std::string RandomHex(size_t bytes);

// Time depends only on the lengths, not on where the strings differ.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace firesteel
