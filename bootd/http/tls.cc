#include "bootd/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include "base/log.h"

namespace bootd::http {
namespace {

using firesteel::Error;
using firesteel::Result;

constexpr std::chrono::seconds kLookAgain{5};

Error FromOpenSsl(const std::string& what) {
  char text[256] = "unknown";
  if (const unsigned long code = ERR_peek_last_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return firesteel::InvalidArgument("cannot use " + what + ": " + text);
}

void Configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // What a stranger can make us keep: tickets hold sessions at the client, buffers go while it is idle.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::Load(TlsFiles files) {
  std::unique_ptr<TlsContext> tls(new TlsContext(std::move(files)));
  tls->stamp_ = tls->Stamp();
  Result<ContextPtr> context = Read(tls->files_);
  if (!context.ok()) return context.error();
  tls->context_ = std::move(*context);
  return tls;
}

SSL_CTX* TlsContext::Current(firesteel::MonotonicTime now) {
  if (now - checked_ < kLookAgain) return context_.get();
  checked_ = now;
  std::string stamp = Stamp();
  if (stamp == stamp_) return context_.get();
  stamp_ = std::move(stamp);  // also if they cannot be used: told once, tried again when they change again
  Result<ContextPtr> renewed = Read(files_);
  if (renewed.ok()) {
    context_ = std::move(*renewed);
    firesteel::LogInfo("certificate renewed", {{"file", files_.certificate}});
  } else {
    firesteel::LogWarning("certificate not renewed", {{"error", renewed.error().message}});
  }
  return context_.get();
}

Result<TlsContext::ContextPtr> TlsContext::Read(const TlsFiles& files) {
  ERR_clear_error();
  const ContextPtr context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return FromOpenSsl("TLS");
  Configure(context.get());
  // An encrypted key is an error, not a question on the terminal.
  SSL_CTX_set_default_passwd_cb(context.get(), [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) return FromOpenSsl(files.certificate);
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) return FromOpenSsl(files.key);
  if (SSL_CTX_check_private_key(context.get()) != 1) return FromOpenSsl(files.key);
  return context;
}

std::string TlsContext::Stamp() const {
  std::string stamp;
  for (const std::string& path : {files_.certificate, files_.key}) {
    struct stat info{};
    if (stat(path.c_str(), &info) != 0) continue;
    stamp += std::to_string(info.st_ino) + "." + std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec) + "/";
  }
  return stamp;
}

}  // namespace bootd::http
