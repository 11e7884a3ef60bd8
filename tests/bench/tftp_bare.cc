// The least that a TFTP server can do: a file in memory, one socket, one loop of recvmmsg and sendmmsg;
// no retransmission, no limits, no checks. The TFTP bench shows with it how far the kernel lets anyone go.
//
//   tftp_bare FILE [gso]    prints its port; gso = a window is one system call's one datagram (UDP_SEGMENT)
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

constexpr size_t kBatch = 64;
constexpr size_t kMaxWindow = 64;
constexpr size_t kMaxDatagram = 65000;

struct Transfer {
  uint64_t acked = 0;
  size_t block_size = 512;
  size_t window = 1;
};

class Bare {
 public:
  Bare(const char* path, bool gso) : gso_(gso) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info{};
    if (fd < 0 || fstat(fd, &info) != 0) std::exit(2);
    size_ = static_cast<size_t>(info.st_size);
    data_ = static_cast<char*>(mmap(nullptr, size_, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0));
    socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int bytes = 1 << 26;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes);
    setsockopt(socket_, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), length) != 0) std::exit(2);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  [[noreturn]] void Run() {
    for (;;) {
      for (size_t i = 0; i < kBatch; ++i) {
        parts_[i] = {packets_[i].data(), packets_[i].size()};
        received_[i].msg_hdr = {&from_[i], sizeof from_[i], &parts_[i], 1, nullptr, 0, 0};
      }
      const int count = recvmmsg(socket_, received_.data(), kBatch, MSG_WAITFORONE, nullptr);
      for (int n = 0; n < count; ++n) {
        const auto i = static_cast<size_t>(n);
        OnPacket(from_[i], std::string_view(packets_[i].data(), received_[i].msg_len));
      }
      Flush();
    }
  }

 private:
  struct Out {
    sockaddr_in to{};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(uint16_t))] = {};
    std::array<std::array<char, 4>, kMaxWindow> headers{};
    std::array<iovec, 2 * kMaxWindow> parts{};
  };

  static size_t Option(std::string_view packet, std::string_view name) {
    const size_t at = packet.find(name);
    return at == std::string_view::npos ? 0 : std::strtoul(packet.data() + at + name.size() + 1, nullptr, 10);
  }

  void OnPacket(const sockaddr_in& from, std::string_view packet) {
    const uint64_t key = uint64_t{from.sin_addr.s_addr} << 16 | from.sin_port;
    if (packet[1] == 1) return Begin(from, transfers_[key] = Transfer{}, packet);
    Transfer& t = transfers_[key];
    const auto block = static_cast<uint16_t>(static_cast<uint8_t>(packet[2]) << 8 | static_cast<uint8_t>(packet[3]));
    t.acked += static_cast<uint16_t>(block - static_cast<uint16_t>(t.acked));
    const uint64_t last = size_ / t.block_size + 1;
    const uint64_t to = std::min(t.acked + t.window, last);
    const size_t at_once = gso_ ? std::min(kMaxWindow, kMaxDatagram / (t.block_size + 4)) : 1;
    for (uint64_t first = t.acked + 1; first <= to; first += at_once) {
      SendBlocks(from, t, first, std::min<uint64_t>(at_once, to - first + 1));
    }
  }

  void Begin(const sockaddr_in& from, Transfer& t, std::string_view packet) {
    t.block_size = std::max<size_t>(Option(packet, "blksize"), 8);
    t.window = std::min(std::max<size_t>(Option(packet, "windowsize"), 1), kMaxWindow);
    std::string oack("\0\6", 2);
    oack.append("blksize").push_back('\0');
    oack.append(std::to_string(t.block_size)).push_back('\0');
    oack.append("windowsize").push_back('\0');
    oack.append(std::to_string(t.window)).push_back('\0');
    sendto(socket_, oack.data(), oack.size(), 0, reinterpret_cast<const sockaddr*>(&from), sizeof from);
  }

  void SendBlocks(const sockaddr_in& to, const Transfer& t, uint64_t first, size_t count) {
    Out& out = out_[queued_];
    out.to = to;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t block = first + i;
      const size_t offset = (block - 1) * t.block_size;
      out.headers[i] = {0, 3, static_cast<char>(block >> 8), static_cast<char>(block)};
      out.parts[2 * i] = {out.headers[i].data(), 4};
      out.parts[2 * i + 1] = {data_ + offset, std::min(t.block_size, size_ - offset)};
    }
    msghdr& message = sending_[queued_].msg_hdr;
    message = {&out.to, sizeof out.to, out.parts.data(), 2 * count, nullptr, 0, 0};
    if (count > 1) {
      auto* control = reinterpret_cast<cmsghdr*>(out.control);
      control->cmsg_level = SOL_UDP;
      control->cmsg_type = UDP_SEGMENT;
      control->cmsg_len = CMSG_LEN(sizeof(uint16_t));
      const auto segment = static_cast<uint16_t>(t.block_size + 4);
      std::memcpy(CMSG_DATA(control), &segment, sizeof segment);
      message.msg_control = out.control;
      message.msg_controllen = sizeof out.control;
    }
    if (++queued_ == kBatch) Flush();
  }

  void Flush() {
    for (size_t sent = 0; sent < queued_;) {
      const int count = sendmmsg(socket_, sending_.data() + sent, static_cast<unsigned>(queued_ - sent), 0);
      sent += count > 0 ? static_cast<size_t>(count) : 1;
    }
    queued_ = 0;
  }

  const bool gso_;
  char* data_ = nullptr;
  size_t size_ = 0;
  int socket_ = -1;
  std::unordered_map<uint64_t, Transfer> transfers_;
  size_t queued_ = 0;
  std::vector<Out> out_ = std::vector<Out>(kBatch);
  std::array<mmsghdr, kBatch> sending_{};
  std::array<mmsghdr, kBatch> received_{};
  std::array<iovec, kBatch> parts_{};
  std::array<sockaddr_in, kBatch> from_{};
  std::array<std::array<char, 1500>, kBatch> packets_{};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: tftp_bare FILE [gso]\n");
    return 2;
  }
  Bare(argv[1], argc > 2 && std::string_view(argv[2]) == "gso").Run();
}
