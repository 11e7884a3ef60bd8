// The server on real sockets, between two networks of its own: the server's, with s0, and the clients', with
// c0 at the other end of the cable.
#include "bootd/dhcp/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <atomic>
#include <cstdlib>

#include "base/unique_fd.h"
#include "tests/bootd/dhcp/captures.h"

namespace bootd::dhcp {
namespace {

using firesteel::UniqueFd;

constexpr Ipv4 kOurs = 0x0a4d0001;    // 10.77.0.1
constexpr Ipv4 kTheirs = 0x0a4e0001;  // 10.78.0.1, on the other interface

sockaddr_in Socket(Ipv4 address, uint16_t port) {
  sockaddr_in socket{};
  socket.sin_family = AF_INET;
  socket.sin_addr.s_addr = htonl(address);
  socket.sin_port = htons(port);
  return socket;
}

// A UDP socket in this thread's network.
UniqueFd Open(Ipv4 address, uint16_t port, bool reuse = false) {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
  if (reuse) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in local = Socket(address, port);
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local), 0) << port;
  return fd;
}

void SendTo(const UniqueFd& fd, const std::string& bytes, Ipv4 address, uint16_t port) {
  const sockaddr_in to = Socket(address, port);
  EXPECT_EQ(sendto(fd.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to),
            static_cast<ssize_t>(bytes.size()));
}

// nullopt = nothing came within the time.
std::optional<std::pair<Packet, Endpoint>> Hear(const UniqueFd& fd, int milliseconds) {
  pollfd wait{fd.get(), POLLIN, 0};
  if (poll(&wait, 1, milliseconds) != 1) return std::nullopt;
  char buffer[1500];
  sockaddr_in from{};
  socklen_t size = sizeof from;
  const ssize_t got = recvfrom(fd.get(), buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&from), &size);
  const auto packet = ParsePacket({buffer, static_cast<size_t>(got)});
  if (!packet.ok()) return std::nullopt;
  return std::pair{*packet, Endpoint{ntohl(from.sin_addr.s_addr), ntohs(from.sin_port)}};
}

// What `listener` hears when `speaker` says this, again and again as DHCP clients do: a cable that was just
// plugged in may lose the first.
std::optional<std::pair<Packet, Endpoint>> Say(const UniqueFd& speaker, const std::string& bytes, const Endpoint& to,
                                               const UniqueFd& listener) {
  for (int i = 0; i < 50; ++i) {
    SendTo(speaker, bytes, to.address, to.port);
    if (const auto heard = Hear(listener, 200)) return heard;
  }
  return std::nullopt;
}

class DhcpServer : public testing::Test {
 protected:
  void SetUp() override {
    if (unshare(CLONE_NEWNET) != 0) GTEST_SKIP() << "needs root, for networks of its own";
    clients_ = OpenNetwork();
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    servers_ = OpenNetwork();
    const std::string clients = "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(clients_.get());
    Run("ip link add s0 type veth peer name c0 && ip link set c0 netns " + clients);
    Run("ip link set lo up && ip addr add 10.77.0.1/24 dev s0 && ip link set s0 up && ip route add 10.78.0.0/24 dev s0");
    ASSERT_EQ(setns(clients_.get(), CLONE_NEWNET), 0);
    Run("ip addr add 10.78.0.1/24 dev c0 && ip link set c0 up && ip route add default dev c0");
    ASSERT_EQ(setns(servers_.get(), CLONE_NEWNET), 0);
  }
  static UniqueFd OpenNetwork() { return UniqueFd(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)); }
  static void Run(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

  // A client's or a relay agent's socket.
  UniqueFd OpenClient(Ipv4 address, uint16_t port) const {
    EXPECT_EQ(setns(clients_.get(), CLONE_NEWNET), 0);
    UniqueFd fd = Open(address, port);
    EXPECT_EQ(setns(servers_.get(), CLONE_NEWNET), 0);
    return fd;
  }
  void Start(const std::string& host) {
    Options options{{host, 67}, {host, 4011}};
    auto server = Server::Start(options, [this](const Packet& packet, const Arrival& arrival) -> std::optional<Reply> {
      const auto answer = Answer(packet, arrival, core::Serve{}, Config{"http://10.77.0.1", 0, {}});
      const auto* reply = std::get_if<Reply>(&answer);
      return reply == nullptr ? std::nullopt : std::optional<Reply>(*reply);
    }, Observer{[this] { ++malformed_; }, [this] { ++unsent_; }});
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
  }
  // A broadcast question, and its answer.
  void ExpectOfferToABroadcast() {
    const UniqueFd client = OpenClient(0, 68);
    const auto heard = Say(client, CapturedBytes("ovmf-pxe-discover"), {kBroadcast, 67}, client);
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->first.boot_file, "snponly.efi");
    EXPECT_EQ(heard->second, (Endpoint{kOurs, 67})) << "from the address of the interface that it came in on";
  }

  UniqueFd clients_;
  UniqueFd servers_;
  std::atomic<int> malformed_{0};
  std::atomic<int> unsent_{0};
  std::unique_ptr<Server> server_;
};

TEST_F(DhcpServer, AnswersABroadcastOutOfTheInterfaceThatItCameInOn) {
  Start("0.0.0.0");
  ExpectOfferToABroadcast();
}

TEST_F(DhcpServer, ListensOnTheInterfaceThatHasTheAddress) {
  Start("10.77.0.1");
  ExpectOfferToABroadcast();
}

TEST_F(DhcpServer, AnswersARelayAgent) {
  Start("0.0.0.0");
  const UniqueFd relay = OpenClient(kTheirs, 67);
  const auto heard = Say(relay, CapturedBytes("relayed-discover"), {kOurs, 67}, relay);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->first.gateway, kTheirs);
  EXPECT_EQ(*heard->first.Find(kRelayAgentInformation), "\x01\x04" "eth0");
}

TEST_F(DhcpServer, AnswersAtPort4011ToWhoeverAsked) {
  Start("0.0.0.0");
  Packet request = Captured("ovmf-pxe-discover");
  request.options[kMessageType] = static_cast<char>(MessageType::kRequest);
  request.client = kTheirs;
  const UniqueFd client = OpenClient(kTheirs, 0);
  const auto heard = Say(client, EncodePacket(request), {kOurs, 4011}, client);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->first.type(), MessageType::kAck);
  EXPECT_EQ(heard->second, (Endpoint{kOurs, 4011}));
}

TEST_F(DhcpServer, LeavesUnicastToADhcpServerThatWasHereBefore) {
  const UniqueFd neighbour = Open(0, 67, /*reuse=*/true);
  int broadcasts = 0;
  Start("0.0.0.0");
  const UniqueFd client = OpenClient(0, 68);
  EXPECT_TRUE(Say(client, CapturedBytes("ovmf-pxe-discover"), {kBroadcast, 67}, client));
  while (Hear(neighbour, 0)) ++broadcasts;
  EXPECT_GT(broadcasts, 0) << "a broadcast reaches both";
  const UniqueFd renewing = OpenClient(kTheirs, 0);
  EXPECT_TRUE(Say(renewing, CapturedBytes("ovmf-pxe-request"), {kOurs, 67}, neighbour))
      << "a renewal reaches the server that gave the address";
}

TEST_F(DhcpServer, LetsADhcpServerStartLaterThatSharesThePort) {
  Start("0.0.0.0");
  const UniqueFd neighbour = Open(0, 67, /*reuse=*/true);
  const UniqueFd renewing = OpenClient(kTheirs, 0);
  EXPECT_TRUE(Say(renewing, CapturedBytes("ovmf-pxe-request"), {kOurs, 67}, neighbour));
  ExpectOfferToABroadcast();
}

TEST_F(DhcpServer, SaysWhyItCannotShare) {
  const UniqueFd selfish = Open(0, 67);
  const auto server = Server::Start({{"0.0.0.0", 67}, {"0.0.0.0", 4011}}, {});
  ASSERT_FALSE(server.ok());
  EXPECT_NE(server.error().message.find("does not share the port"), std::string::npos) << server.error().message;
  EXPECT_FALSE(Server::Start({{"10.99.0.1", 67}, {"0.0.0.0", 4011}}, {}).ok()) << "no interface has this address";
  EXPECT_FALSE(Server::Start({{"::", 67}, {"::", 4011}}, {}).ok()) << "DHCP is IPv4";
}

TEST_F(DhcpServer, LivesOnAfterJunk) {
  Start("0.0.0.0");
  ExpectOfferToABroadcast();  // from here on the network loses nothing
  const UniqueFd client = OpenClient(kTheirs, 0);
  for (size_t size = 0; size < 1400; size += 20) SendTo(client, std::string(size, static_cast<char>(size)), kOurs, 67);
  ExpectOfferToABroadcast();
  EXPECT_GT(malformed_, 0);
  EXPECT_EQ(unsent_, 0);
}

TEST(DhcpServerPorts, ArePickedWhereTheyAreZero) {
  auto server = Server::Start({{"127.0.0.1", 0}, {"127.0.0.1", 0}},
                              [](const Packet&, const Arrival&) { return std::nullopt; });
  ASSERT_TRUE(server.ok()) << server.error().message;
  EXPECT_NE((*server)->dhcp_port(), 0);
  EXPECT_NE((*server)->pxe_port(), 0);
}

}  // namespace
}  // namespace bootd::dhcp
