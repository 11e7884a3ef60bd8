// The certificate of an HTTPS server.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"

typedef struct ssl_ctx_st SSL_CTX;

namespace bootd::http {

struct TlsFiles {
  std::string certificate;  // PEM chain
  std::string key;          // PEM
};

// TLS 1.2 or newer. Not thread-safe.
class TlsContext {
 public:
  static firesteel::Result<std::unique_ptr<TlsContext>> Load(TlsFiles files);

  // For the next connection, which keeps what it needs of it. Files that were renewed count within
  // seconds; ones that do not fit together (yet) are logged and the old ones stay.
  SSL_CTX* Current(firesteel::MonotonicTime now);

 private:
  using ContextPtr = std::shared_ptr<SSL_CTX>;
  explicit TlsContext(TlsFiles files) : files_(std::move(files)) {}
  static firesteel::Result<ContextPtr> Read(const TlsFiles& files);
  std::string Stamp() const;

  const TlsFiles files_;
  ContextPtr context_;
  std::string stamp_;  // of the files as last read
  firesteel::MonotonicTime checked_;
};

}  // namespace bootd::http
