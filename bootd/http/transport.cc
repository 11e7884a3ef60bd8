#include "bootd/http/transport.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

namespace bootd::http {
namespace {

IoResult FromSystem(ssize_t result) {
  if (result > 0) return {Io::kDone, static_cast<size_t>(result)};
  const bool again = result < 0 && (errno == EAGAIN || errno == EINTR);
  return {again ? Io::kAgain : Io::kClosed, 0};
}

}  // namespace

Transport::Transport(int fd, SSL_CTX* tls) : fd_(fd) {
  if (tls == nullptr) return;
  ssl_ = SSL_new(tls);
  if (ssl_ != nullptr && SSL_set_fd(ssl_, fd_.get()) == 1) return;
  SSL_free(ssl_);
  throw std::bad_alloc();  // never on in plain text
}

Transport::~Transport() {
  if (ssl_ != nullptr) SSL_free(ssl_);
}

Io Transport::Handshake() {
  ERR_clear_error();
  return FromTls(SSL_accept(ssl_)).io;
}

IoResult Transport::Read(char* to, size_t size) {
  if (ssl_ == nullptr) return FromSystem(recv(fd_.get(), to, size, 0));
  ERR_clear_error();
  return FromTls(SSL_read(ssl_, to, static_cast<int>(size)));
}

IoResult Transport::Write(std::string_view head, std::string_view body, bool more) {
  if (ssl_ != nullptr) {
    const std::string_view first = head.empty() ? body : head;
    ERR_clear_error();
    return FromTls(SSL_write(ssl_, first.data(), static_cast<int>(std::min<size_t>(first.size(), 1u << 20))));
  }
  iovec parts[2] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  return FromSystem(sendmsg(fd_.get(), &message, MSG_NOSIGNAL | (more ? MSG_MORE : 0)));
}

IoResult Transport::SendFile(const FilePart& part, char* scratch, size_t scratch_size) {
  auto offset = static_cast<off_t>(part.first);
  if (ssl_ == nullptr) return FromSystem(sendfile(fd_.get(), part.fd, &offset, part.count));
  const ssize_t size = pread(part.fd, scratch, std::min<uint64_t>(scratch_size, part.count), offset);
  if (size <= 0) return {Io::kClosed, 0};
  return Write({scratch, static_cast<size_t>(size)}, {}, false);
}

void Transport::Finish() {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
  }
  shutdown(fd_.get(), SHUT_WR);
}

int64_t Transport::Unacknowledged() const {
  int unsent = 0;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (ioctl(fd_.get(), SIOCOUTQ, &unsent) != 0 || getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
  // After a reset the queue is emptied too: only a living connection counts.
  if (info.tcpi_state != TCP_ESTABLISHED && info.tcpi_state != TCP_CLOSE_WAIT) return -1;
  return unsent;
}

IoResult Transport::FromTls(int result) {
  if (result > 0) return {Io::kDone, static_cast<size_t>(result)};
  const int error = SSL_get_error(ssl_, result);
  const bool again = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  return {again ? Io::kAgain : Io::kClosed, 0};
}

}  // namespace bootd::http
