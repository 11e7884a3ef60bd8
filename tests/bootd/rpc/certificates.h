// A throw-away certificate authority and files issued from it, in a directory of its own.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/file.h"
#include "controller/pki/certificates.h"

namespace bootd::rpc {

class TempDir {
 public:
  TempDir() {
    char path[] = "/tmp/firesteel-rpc-XXXXXX";
    path_ = mkdtemp(path);
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct CertificateFiles {
  std::string ca;
  std::string certificate;
  std::string key;
};

class Authority {
 public:
  explicit Authority(const std::string& name)
      : ca_(*firesteel::pki::GenerateCa(name, firesteel::SystemClock().Now())) {}

  CertificateFiles Server() { return Issue("server", {"127.0.0.1"}); }
  CertificateFiles Client() { return Issue("client", {}); }

  // A certificate that names itself a server's only (RFC 5280 §4.2.1.12), as pki's do not.
  CertificateFiles ServerOnly() {
    const CertificateFiles files{Write("only-ca.crt", ca_.certificate), dir_.path() + "/only.crt", dir_.path() + "/only.key"};
    Write("only-ca.key", ca_.key);
    Write("only.ext", "extendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n");
    const std::string script =
        "cd " + dir_.path() +
        " && exec 2>/dev/null && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=only "
        "-keyout only.key -out only.csr && openssl x509 -req -in only.csr -CA only-ca.crt -CAkey only-ca.key "
        "-set_serial 7 -days 1 -extfile only.ext -out only.crt";
    if (system(script.c_str()) != 0) abort();
    return files;
  }

  // Overwrites what was issued under this name.
  CertificateFiles Issue(const std::string& name, std::vector<std::string> server_names) {
    const firesteel::pki::KeyPair leaf =
        *firesteel::pki::IssueLeaf(ca_, {.common_name = name, .organization = "", .server_names = std::move(server_names)},
                                   firesteel::SystemClock().Now());
    return {Write(name + "-ca.crt", ca_.certificate), Write(name + ".crt", leaf.certificate),
            Write(name + ".key", leaf.key)};
  }

 private:
  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = dir_.path() + "/" + name;
    if (!firesteel::WriteFileAtomically(path, content, 0600).ok()) abort();
    return path;
  }

  TempDir dir_;
  firesteel::pki::KeyPair ca_;
};

}  // namespace bootd::rpc
