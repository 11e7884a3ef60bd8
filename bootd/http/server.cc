#include "bootd/http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/ssl/context.hpp>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "bootd/http/session.h"

namespace bootd::http {
namespace {

using asio::ip::tcp;
using firesteel::Result;
using firesteel::Unavailable;

// Counts connections; thread-safe.
class Gate {
 public:
  Gate(size_t all, size_t per_client) : max_(all), max_per_client_(per_client) {}
  bool Enter(const std::string& client) {
    std::lock_guard lock(mutex_);
    if (all_ >= max_ || clients_[client] >= max_per_client_) {
      if (clients_[client] == 0) clients_.erase(client);
      return false;
    }
    ++all_;
    ++clients_[client];
    return true;
  }
  void Leave(const std::string& client) {
    std::lock_guard lock(mutex_);
    --all_;
    const auto it = clients_.find(client);
    if (--it->second == 0) clients_.erase(it);
  }

 private:
  const size_t max_;
  const size_t max_per_client_;
  std::mutex mutex_;
  size_t all_ = 0;                          // guarded by mutex_
  std::map<std::string, size_t> clients_;  // guarded by mutex_
};

std::string IpOf(const tcp::socket& socket) {
  beast::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return "";
  const asio::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace

Reply TextReply(int status, const std::string& text) {
  Reply reply;
  reply.status = status;
  reply.content = core::BytesContent{text + "\n", "text/plain", {}};
  return reply;
}

class Server::Impl {
 public:
  Impl(Options options, Handler handler, OnReply on_reply)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        on_reply_(std::move(on_reply)),
        gate_(options_.max_connections, options_.max_connections_per_client),
        acceptor_(io_) {}
  ~Impl() {
    io_.stop();
    threads_.clear();  // joins; the connections go with io_
  }

  firesteel::Status Start() {
    try {
      if (options_.tls) LoadTls();
      const tcp::endpoint endpoint(asio::ip::make_address(options_.listen.host), options_.listen.port);
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(tcp::acceptor::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen(1024);
    } catch (const std::exception& e) {
      return Unavailable("cannot listen on " + options_.listen.ToString() + "/tcp: " + e.what());
    }
    asio::co_spawn(io_, Accept(), asio::detached);
    for (int i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { io_.run(); });
    return {};
  }
  uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void LoadTls() {
    tls_.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
    tls_.use_certificate_chain_file(options_.tls->certificate);
    tls_.use_private_key_file(options_.tls->key, asio::ssl::context::pem);
  }

  asio::awaitable<void> Accept() {
    for (;;) {
      beast::error_code error;
      tcp::socket socket(asio::make_strand(io_));
      co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) co_return;
      if (error) {  // out of file descriptors: let connections end before trying again
        asio::steady_timer pause(io_, std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      const std::string client = IpOf(socket);
      if (client.empty() || !gate_.Enter(client)) continue;  // closes it
      auto executor = socket.get_executor();
      asio::co_spawn(executor, Serve(std::move(socket), client), asio::detached);
    }
  }

  asio::awaitable<void> Serve(tcp::socket socket, std::string client) {
    try {
      socket.set_option(tcp::no_delay(true));
      const Context context{options_, handler_, on_reply_};
      if (options_.tls) {
        co_await ServeTls(std::move(socket), client, context);
      } else {
        Plain stream(std::move(socket));
        Session<Plain> session(stream, context, client);
        co_await session.Run();
        beast::error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
      }
    } catch (const std::exception&) {
      // A connection that breaks in an unforeseen place is closed like any other broken one.
    }
    gate_.Leave(client);
  }

  asio::awaitable<void> ServeTls(tcp::socket socket, const std::string& client, const Context& context) {
    Tls stream(beast::tcp_stream(std::move(socket)), tls_);
    beast::get_lowest_layer(stream).expires_after(options_.header_timeout);
    beast::error_code error;
    co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    Session<Tls> session(stream, context, client);
    co_await session.Run();
    beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(5));
    co_await stream.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
  }

  const Options options_;
  const Handler handler_;
  const OnReply on_reply_;
  Gate gate_;
  asio::io_context io_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  tcp::acceptor acceptor_;
  std::vector<std::jthread> threads_;
};

Result<std::unique_ptr<Server>> Server::Start(Options options, Handler handler, OnReply on_reply) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler), std::move(on_reply));
  const firesteel::Status started = impl->Start();
  if (!started.ok()) return started.error();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;
uint16_t Server::port() const { return impl_->port(); }

}  // namespace bootd::http
