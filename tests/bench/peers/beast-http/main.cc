// The peer of bootd's HTTP server: a static file server as one writes it on Boost.Beast, with nothing of bootd in it.
//   bench_http_beast file|sendfile FOLDER
// Prints its port. It serves GET /<path below FOLDER> to well-behaved clients only: no ranges, no TLS, no limits but a
// timeout. One event loop a processor, each with a listening socket of its own. Small files are kept in memory for a
// tenth of a second, as bootd does. A large body goes through http::file_body, whose buffer Beast 1.74 fixes at 4 KiB, or
// by sendfile(2), which Beast does not do on Linux, behind a head that Beast wrote.
#include <signal.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr uint64_t kSmall = 16 * 1024;

struct SmallFile {
  std::shared_ptr<const std::string> bytes;
  Clock::time_point until;
};

struct Settings {
  std::string folder;
  bool sendfile = false;
};

// What the sessions of one loop share.
struct Loop {
  const Settings& settings;
  std::unordered_map<std::string, SmallFile> small;

  std::shared_ptr<const std::string> FindSmall(const std::string& path) {
    const auto now = Clock::now();
    const auto known = small.find(path);
    if (known != small.end() && now < known->second.until) return known->second.bytes;
    struct stat info{};
    if (stat(path.c_str(), &info) != 0 || static_cast<uint64_t>(info.st_size) > kSmall) return nullptr;
    std::ifstream in(path, std::ios::binary);
    auto bytes = std::make_shared<const std::string>(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    small[path] = {bytes, now + std::chrono::milliseconds(100)};
    return bytes;
  }
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Loop& loop) : stream_(std::move(socket)), loop_(loop) {}

  void Read() {
    parser_.emplace();
    stream_.expires_after(std::chrono::seconds(30));
    http::async_read(stream_, buffer_, *parser_, [self = shared_from_this()](beast::error_code error, size_t) {
      if (!error) self->Answer();
    });
  }

 private:
  void Answer() {
    const auto& request = parser_->get();
    const std::string target(request.target());
    const std::string path = loop_.settings.folder + target;
    if (request.method() != http::verb::get || target.find("..") != std::string::npos) return SendText(http::status::bad_request);
    if (const auto small = loop_.FindSmall(path)) return SendSmall(small);
    http::file_body::value_type file;
    beast::error_code error;
    file.open(path.c_str(), beast::file_mode::scan, error);
    if (error) return SendText(http::status::not_found);
    if (loop_.settings.sendfile) return SendHead(std::move(file));
    auto response = std::make_shared<http::response<http::file_body>>(std::piecewise_construct, std::make_tuple(std::move(file)));
    response->prepare_payload();
    Write(response);
  }

  void SendText(http::status status) {
    auto response = std::make_shared<http::response<http::string_body>>(status, 11);
    response->prepare_payload();
    Write(response);
  }

  void SendSmall(const std::shared_ptr<const std::string>& bytes) {
    auto response = std::make_shared<http::response<http::span_body<const char>>>(http::status::ok, 11);
    response->body() = {bytes->data(), bytes->size()};
    response->prepare_payload();
    Write(response, bytes);
  }

  template <typename Response>
  void Write(std::shared_ptr<Response> response, std::shared_ptr<const void> keep = nullptr) {
    http::async_write(stream_, *response, [self = shared_from_this(), response, keep](beast::error_code error, size_t) {
      if (!error) self->Read();
    });
  }

  void SendHead(http::file_body::value_type file) {
    auto response = std::make_shared<http::response<http::empty_body>>(http::status::ok, 11);
    left_ = file.size();
    response->content_length(left_);
    file_ = std::move(file);
    auto serializer = std::make_shared<http::response_serializer<http::empty_body>>(*response);
    http::async_write_header(stream_, *serializer, [self = shared_from_this(), response, serializer](beast::error_code error, size_t) {
      if (!error) self->SendBody();
    });
  }

  void SendBody() {
    auto& socket = stream_.socket();
    socket.native_non_blocking(true);
    while (left_ > 0) {
      const ssize_t sent = sendfile(socket.native_handle(), file_.file().native_handle(), nullptr, std::min<uint64_t>(left_, 1 << 20));
      if (sent > 0) {
        left_ -= static_cast<uint64_t>(sent);
        continue;
      }
      if (errno != EAGAIN) return;
      return socket.async_wait(tcp::socket::wait_write, [self = shared_from_this()](beast::error_code error) {
        if (!error) self->SendBody();
      });
    }
    Read();
  }

  beast::tcp_stream stream_;
  Loop& loop_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  http::file_body::value_type file_;
  uint64_t left_ = 0;
};

void Accept(tcp::acceptor& acceptor, Loop& loop) {
  acceptor.async_accept([&](beast::error_code error, tcp::socket socket) {
    if (!error) {
      socket.set_option(tcp::no_delay(true));
      std::make_shared<Session>(std::move(socket), loop)->Read();
    }
    Accept(acceptor, loop);
  });
}

tcp::acceptor Listen(asio::io_context& context, uint16_t port) {
  tcp::acceptor acceptor(context, tcp::v4());
  acceptor.set_option(ReusePort(true));
  acceptor.bind({asio::ip::address_v4::loopback(), port});
  acceptor.listen(4096);
  return acceptor;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  signal(SIGPIPE, SIG_IGN);  // sendfile has no MSG_NOSIGNAL
  const Settings settings{argv[2], std::string(argv[1]) == "sendfile"};
  uint16_t port = 0;
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    auto context = std::make_shared<asio::io_context>(1);
    auto acceptor = std::make_shared<tcp::acceptor>(Listen(*context, port));
    port = acceptor->local_endpoint().port();
    threads.emplace_back([context, acceptor, &settings] {
      Loop loop{settings, {}};
      Accept(*acceptor, loop);
      context->run();
    });
  }
  std::printf("%u\n", port);
  std::fflush(stdout);
}
