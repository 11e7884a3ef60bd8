#include "controller/pki/bootstrap_token.h"

#include <openssl/rand.h>

#include <cstdlib>

namespace firesteel::pki {
namespace {

constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr size_t kIdSize = 6;
constexpr size_t kSecretSize = 16;

// A byte at or above the largest multiple of 36 is drawn again: every letter is equally likely.
char RandomLetter(const std::function<uint8_t()>& random_byte) {
  constexpr size_t kLimit = 256 / kAlphabet.size() * kAlphabet.size();
  size_t byte = random_byte();
  while (byte >= kLimit) byte = random_byte();
  return kAlphabet[byte % kAlphabet.size()];
}

std::string RandomText(size_t size, const std::function<uint8_t()>& random_byte) {
  std::string text;
  while (text.size() < size) text += RandomLetter(random_byte);
  return text;
}

uint8_t SystemRandomByte() {
  uint8_t byte = 0;
  if (RAND_bytes(&byte, 1) != 1) std::abort();  // as base/crypto.h: there is no safe way on
  return byte;
}

}  // namespace

BootstrapToken GenerateBootstrapToken() { return GenerateBootstrapToken(SystemRandomByte); }

BootstrapToken GenerateBootstrapToken(const std::function<uint8_t()>& random_byte) {
  BootstrapToken token;
  token.id = RandomText(kIdSize, random_byte);
  token.secret = RandomText(kSecretSize, random_byte);
  return token;
}

Result<BootstrapToken> ParseBootstrapToken(std::string_view text) {
  const BootstrapToken token{std::string(text.substr(0, kIdSize)),
                             text.size() > kIdSize ? std::string(text.substr(kIdSize + 1)) : ""};
  const bool shaped = text.size() == kIdSize + 1 + kSecretSize && text[kIdSize] == '.';
  if (!shaped || (token.id + token.secret).find_first_not_of(kAlphabet) != std::string::npos) {
    return InvalidArgument("not a bootstrap token: expected [a-z0-9]{6}.[a-z0-9]{16}");
  }
  return token;
}

}  // namespace firesteel::pki
