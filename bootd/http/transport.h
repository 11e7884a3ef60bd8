// A connected socket, plain or with TLS, with the same few verbs for both. No verb waits.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/unique_fd.h"

typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;

namespace bootd::http {

enum class Io {
  kDone,    // some bytes went over, or the step is complete
  kAgain,   // not now: wait for the socket
  kClosed,  // the peer has ended it, or it broke
};
struct IoResult {
  Io io = Io::kDone;
  size_t bytes = 0;
};

// Owns the socket. Not thread-safe.
class Transport {
 public:
  // `tls` nullptr = plain. The socket does not block. Throws std::bad_alloc, with the socket closed.
  Transport(int fd, SSL_CTX* tls);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  int fd() const { return fd_.get(); }
  bool encrypted() const { return ssl_ != nullptr; }

  Io Handshake();
  IoResult Read(char* to, size_t size);
  // `head` first; `more` = the kernel may wait for what follows before it sends a packet.
  IoResult Write(std::string_view head, std::string_view body, bool more);
  // From a file; over TLS through `scratch`.
  struct FilePart {
    int fd;
    uint64_t first;
    uint64_t count;
  };
  IoResult SendFile(const FilePart& part, char* scratch, size_t scratch_size);
  // Tells the peer that nothing follows.
  void Finish();

  // What the peer's TCP has not acknowledged yet, in bytes; -1 = the connection is not alive.
  int64_t Unacknowledged() const;

 private:
  IoResult FromTls(int result);

  const firesteel::UniqueFd fd_;
  SSL* ssl_ = nullptr;
};

}  // namespace bootd::http
