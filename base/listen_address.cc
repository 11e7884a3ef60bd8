#include "base/listen_address.h"

#include <arpa/inet.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/host_port.h"

namespace firesteel {
namespace {

bool IsNumericAddress(const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), buffer) == 1 ||
         inet_pton(AF_INET6, host.c_str(), buffer) == 1;
}

}  // namespace

std::string ListenAddress::ToString() const { return HostPort(host, port); }

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const Error bad = InvalidArgument("'" + std::string(text) +
                                    "' is not ADDR:PORT, such as 0.0.0.0:69 or [::]:69");
  const std::optional<HostAndPort> split = SplitHostPort(text);
  if (!split) return bad;
  ListenAddress address;
  address.host = split->host;
  if (address.host.empty()) address.host = "0.0.0.0";
  const std::string_view port = split->port;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size()) return bad;
  if (!IsNumericAddress(address.host)) return bad;
  return address;
}

Error CannotListen(const ListenAddress& listen, const char* protocol, int error) {
  std::string why = "cannot listen on " + listen.ToString() + "/" + protocol + ": " + std::strerror(error);
  if (error == EACCES) {  // ip(7): the port is below net.ipv4.ip_unprivileged_port_start
    why += ": a low port needs CAP_NET_BIND_SERVICE: `setcap cap_net_bind_service=+p` on the program's file, "
           "AmbientCapabilities= in its systemd unit, or capabilities.add in its pod";
  }
  return Unavailable(why);
}

}  // namespace firesteel
