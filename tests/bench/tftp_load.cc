// Load generator of the TFTP bench: N machines at once fetch a file, block for block, and compare every
// byte. All of them share one UDP socket (each has an address of its own in 127.0.0.0/8), so that one
// system call takes or sends many packets: the servers shall be the limit, not this.
//
//   tftp_load PORT NAME FILE CLIENTS TRANSFERS BLKSIZE WINDOWSIZE LOSS_PERCENT [SEED]
//
// FILE is what NAME must be. WINDOWSIZE 0 = the option is not sent. LOSS_PERCENT of the packets are lost
// in each direction, by a generator with a seed. Prints one line:
//   SECONDS BYTES P50_MS P99_MS MAX_MS FAILED WRONG DUPLICATES TIMEOUTS
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Time = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr size_t kBatch = 64;
constexpr milliseconds kTick{10};
constexpr milliseconds kTimeout{1000};  // as firmware does: servers must not count on clients' haste
constexpr int kMaxTries = 20;

[[noreturn]] void Die(const std::string& what) {
  std::perror(("tftp_load: " + what).c_str());
  std::exit(2);
}

struct Arguments {
  uint16_t port = 0;
  std::string name;
  std::string file;
  size_t clients = 1;
  size_t transfers = 1;
  size_t block_size = 512;
  size_t window = 0;
  double loss = 0;
  unsigned seed = 1;
};

struct Client {
  uint16_t server_port = 0;  // network order; 0 = no answer yet
  bool done = true;          // has nothing (more) to fetch
  int wrong = -1;            // the last block that was not the expected one
  uint64_t expected = 1;     // the next block
  size_t unacked = 0;
  int tries = 0;
  Time start;
  Time deadline;
};

struct Totals {
  uint64_t bytes = 0;
  size_t failed = 0;
  size_t wrong = 0;  // packets that do not hold what they should
  size_t duplicates = 0;
  size_t timeouts = 0;
  std::vector<double> latencies;  // milliseconds, of the complete transfers
};

class Load {
 public:
  explicit Load(Arguments arguments)
      : a_(std::move(arguments)), window_(std::max<size_t>(a_.window, 1)), clients_(a_.clients), random_(a_.seed),
        // Not a power of two: 64 buffers a page apart would share few cache lines.
        stride_((a_.block_size + 4 + 63) / 64 * 64 + 64) {
    MapFile();
    OpenSocket();
    MakeRequest();
    buffer_.resize(kBatch * stride_);
  }

  void Run() {
    const Time start = std::chrono::steady_clock::now();
    for (size_t i = 0; i < clients_.size(); ++i) StartNext(i, start);
    Flush();
    Time next_tick = start + kTick;
    while (running_ > 0) {
      ReceiveBatch();
      Flush();
      if (now_ >= next_tick) {
        Expire();
        Flush();
        next_tick = now_ + kTick;
      }
    }
    Print(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }

 private:
  struct Outgoing {
    sockaddr_in to{};
    iovec part{};
    std::array<char, 4> ack{};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in_pktinfo))] = {};
  };

  void MapFile() {
    const int fd = open(a_.file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info{};
    if (fd < 0 || fstat(fd, &info) != 0) Die(a_.file);
    size_ = static_cast<size_t>(info.st_size);
    void* memory = mmap(nullptr, std::max<size_t>(size_, 1), PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    if (memory == MAP_FAILED) Die(a_.file);
    data_ = static_cast<const char*>(memory);
    close(fd);
    last_block_ = size_ / a_.block_size + 1;
  }

  void OpenSocket() {
    socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(socket_, IPPROTO_IP, IP_PKTINFO, &yes, sizeof yes);
    // A thousand machines have a thousand receive buffers.
    const int bytes = 1 << 28;
    if (setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    const timeval wait{0, 10000};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&any), sizeof any) != 0) Die("bind");
  }

  void MakeRequest() {
    const auto field = [this](const std::string& text) { request_.append(text).push_back('\0'); };
    request_.append("\0\1", 2);
    field(a_.name);
    field("octet");
    field("blksize");
    field(std::to_string(a_.block_size));
    if (a_.window > 0) {
      field("windowsize");
      field(std::to_string(a_.window));
    }
  }

  bool Lost() { return a_.loss > 0 && std::uniform_real_distribution<>(0, 100)(random_) < a_.loss; }

  void StartNext(size_t index, Time now) {
    Client& client = clients_[index];
    if (!client.done) --running_;
    client = Client{};
    if (started_ == a_.transfers) return;
    ++started_;
    ++running_;
    client.done = false;
    client.start = now;
    Send(index, now);
  }

  // The request, or the ACK of all that came in order.
  void Send(size_t index, Time now) {
    Client& client = clients_[index];
    client.deadline = now + kTimeout;
    client.unacked = 0;
    if (Lost()) return;
    Outgoing& out = outgoing_[queued_];
    out.to.sin_family = AF_INET;
    out.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    out.to.sin_port = client.server_port != 0 ? client.server_port : htons(a_.port);
    if (client.server_port == 0) {
      out.part = {request_.data(), request_.size()};
    } else {
      const auto block = static_cast<uint16_t>(client.expected - 1);
      out.ack = {0, 4, static_cast<char>(block >> 8), static_cast<char>(block)};
      out.part = {out.ack.data(), out.ack.size()};
    }
    auto* control = reinterpret_cast<cmsghdr*>(out.control);
    control->cmsg_level = IPPROTO_IP;
    control->cmsg_type = IP_PKTINFO;
    control->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
    in_pktinfo from{};
    from.ipi_spec_dst.s_addr = AddressOf(index);
    std::memcpy(CMSG_DATA(control), &from, sizeof from);
    mmsghdr& message = sending_[queued_];
    message.msg_hdr = {&out.to, sizeof out.to, &out.part, 1, out.control, sizeof out.control, 0};
    if (++queued_ == kBatch) Flush();
  }

  static in_addr_t AddressOf(size_t index) { return htonl(0x7f010000u + static_cast<uint32_t>(index)); }

  void Flush() {
    for (size_t sent = 0; sent < queued_;) {
      const int count = sendmmsg(socket_, sending_.data() + sent, static_cast<unsigned>(queued_ - sent), 0);
      sent += count > 0 ? static_cast<size_t>(count) : 1;  // what is not taken is lost
    }
    queued_ = 0;
  }

  void ReceiveBatch() {
    for (size_t i = 0; i < kBatch; ++i) {
      parts_[i] = {buffer_.data() + i * stride_, stride_};
      received_[i].msg_hdr = {&from_[i], sizeof from_[i], &parts_[i], 1, controls_[i].bytes, sizeof controls_[i].bytes, 0};
    }
    const int count = recvmmsg(socket_, received_.data(), kBatch, MSG_WAITFORONE, nullptr);
    now_ = std::chrono::steady_clock::now();
    for (int i = 0; i < count; ++i) {
      auto& message = received_[static_cast<size_t>(i)];
      const cmsghdr* control = CMSG_FIRSTHDR(&message.msg_hdr);
      if (control == nullptr || control->cmsg_type != IP_PKTINFO) continue;
      in_pktinfo to{};
      std::memcpy(&to, CMSG_DATA(control), sizeof to);
      const size_t index = ntohl(to.ipi_addr.s_addr) - 0x7f010000u;
      if (index >= clients_.size() || clients_[index].done || Lost()) continue;
      const auto* bytes = static_cast<const char*>(parts_[static_cast<size_t>(i)].iov_base);
      OnPacket(index, std::string_view(bytes, message.msg_len), from_[static_cast<size_t>(i)].sin_port);
    }
  }

  void OnPacket(size_t index, std::string_view packet, uint16_t server_port) {
    Client& client = clients_[index];
    if (packet.size() < 4) return;
    const int opcode = packet[1];
    // A transfer begins with its options; all else is of the one before, which had the same port here.
    if (client.server_port == 0 && opcode == 6) client.server_port = server_port;
    if (server_port != client.server_port && !(client.server_port == 0 && opcode == 5)) return;
    if (opcode == 6 && client.expected == 1) return OnOptions(index, packet);
    if (opcode == 3) return OnData(index, packet);
    if (opcode != 5) return;
    if (totals_.failed++ == 0) std::fprintf(stderr, "tftp_load: the server says: %s\n", std::string(packet.substr(4)).c_str());
    StartNext(index, now_);
  }

  void OnOptions(size_t index, std::string_view packet) {
    const std::string want = std::string("blksize\0", 8) + std::to_string(a_.block_size) + '\0';
    if (packet.find(want) == std::string_view::npos) ++totals_.wrong;
    if (a_.window > 0 && packet.find("windowsize") == std::string_view::npos) ++totals_.wrong;
    Send(index, now_);
  }

  void OnData(size_t index, std::string_view packet) {
    Client& client = clients_[index];
    const auto block = static_cast<uint16_t>(static_cast<uint8_t>(packet[2]) << 8 | static_cast<uint8_t>(packet[3]));
    if (block != static_cast<uint16_t>(client.expected)) {
      ++totals_.duplicates;
      // Told once, and again when the server begins its window again.
      const bool tell = client.wrong < 0 || static_cast<int16_t>(block - client.wrong) <= 0;
      client.wrong = block;
      if (tell) Send(index, now_);
      return;
    }
    const size_t offset = (client.expected - 1) * a_.block_size;
    const std::string_view data = packet.substr(4);
    if (data.size() != std::min(a_.block_size, size_ - offset) ||
        std::memcmp(data.data(), data_ + offset, data.size()) != 0) {
      ++totals_.wrong;
    }
    totals_.bytes += data.size();
    client.wrong = -1;
    client.tries = 0;
    const bool last = client.expected++ == last_block_;
    if (++client.unacked == window_ || last) Send(index, now_);
    if (!last) return;
    totals_.latencies.push_back(std::chrono::duration<double, std::milli>(now_ - client.start).count());
    StartNext(index, now_);
  }

  void Expire() {
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (clients_[i].done || clients_[i].deadline > now_) continue;
      ++totals_.timeouts;
      if (++clients_[i].tries < kMaxTries) {
        Send(i, now_);
      } else {
        ++totals_.failed;
        StartNext(i, now_);
      }
    }
  }

  void Print(double seconds) {
    std::vector<double>& all = totals_.latencies;
    std::sort(all.begin(), all.end());
    const auto at = [&all](double part) {
      return all.empty() ? 0 : all[static_cast<size_t>(part * static_cast<double>(all.size() - 1))];
    };
    std::printf("%.6f %llu %.3f %.3f %.3f %zu %zu %zu %zu\n", seconds, static_cast<unsigned long long>(totals_.bytes),
                at(0.5), at(0.99), at(1), totals_.failed, totals_.wrong, totals_.duplicates, totals_.timeouts);
  }

  const Arguments a_;
  const size_t window_;
  std::vector<Client> clients_;
  std::mt19937 random_;
  const size_t stride_;
  const char* data_ = nullptr;
  size_t size_ = 0;
  uint64_t last_block_ = 0;
  int socket_ = -1;
  std::string request_;
  size_t started_ = 0;
  size_t running_ = 0;
  Time now_;
  Totals totals_;
  size_t queued_ = 0;
  std::array<Outgoing, kBatch> outgoing_{};
  std::array<mmsghdr, kBatch> sending_{};
  std::array<mmsghdr, kBatch> received_{};
  std::array<iovec, kBatch> parts_{};
  std::array<sockaddr_in, kBatch> from_{};
  struct Control { alignas(cmsghdr) char bytes[CMSG_SPACE(sizeof(in_pktinfo))]; };
  std::array<Control, kBatch> controls_{};
  std::vector<char> buffer_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 9) {
    std::fprintf(stderr, "usage: tftp_load PORT NAME FILE CLIENTS TRANSFERS BLKSIZE WINDOWSIZE LOSS_PERCENT [SEED]\n");
    return 2;
  }
  const auto number = [argv](int i) { return static_cast<size_t>(std::strtoul(argv[i], nullptr, 10)); };
  Arguments a;
  a.port = static_cast<uint16_t>(number(1));
  a.name = argv[2];
  a.file = argv[3];
  a.clients = number(4);
  a.transfers = number(5);
  a.block_size = number(6);
  a.window = number(7);
  a.loss = std::strtod(argv[8], nullptr);
  if (argc > 9) a.seed = static_cast<unsigned>(number(9));
  Load(std::move(a)).Run();
}
