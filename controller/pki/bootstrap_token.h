// kubeadm's bootstrap token, "abcdef.0123456789abcdef".
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace firesteel::pki {

struct BootstrapToken {
  std::string id;      // [a-z0-9]{6}; public: names the Secret bootstrap-token-<id>
  std::string secret;  // [a-z0-9]{16}
  std::string ToString() const { return id + "." + secret; }
  bool operator==(const BootstrapToken&) const = default;
};

// From the operating system's generator; 82 bits of secret.
BootstrapToken GenerateBootstrapToken();
// The same from another source of random bytes, for tests.
BootstrapToken GenerateBootstrapToken(const std::function<uint8_t()>& random_byte);

// The error does not repeat the text: it may be a token but for a typing mistake.
Result<BootstrapToken> ParseBootstrapToken(std::string_view text);

}  // namespace firesteel::pki
