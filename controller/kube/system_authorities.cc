#include "controller/kube/system_authorities.h"

#include <openssl/x509.h>

#include <cstdlib>

namespace firesteel::kube {

const std::string& SystemAuthorities() {
  static const std::string file = [] {
    const char* named = std::getenv(X509_get_default_cert_file_env());
    return std::string(named != nullptr ? named : X509_get_default_cert_file());
  }();
  return file;
}

void HideSystemAuthorities() {
  SystemAuthorities();
  setenv(X509_get_default_cert_file_env(), "/dev/null", 1);
}

}  // namespace firesteel::kube
