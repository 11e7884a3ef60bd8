#include "base/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>

namespace firesteel {

Result<std::vector<WallTime>> CertificateEnds(std::string_view pem) {
  if (pem.empty()) return InvalidArgument("no certificate");
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all);
  std::vector<WallTime> ends;
  for (;;) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
    if (certificate == nullptr) break;
    std::tm end{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) return InvalidArgument("a certificate has no readable end");
    ends.push_back(std::chrono::system_clock::from_time_t(timegm(&end)));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end || ends.empty()) return InvalidArgument("no certificate, or not only certificates in PEM");
  return ends;
}

}  // namespace firesteel
