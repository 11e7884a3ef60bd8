#include "controller/kube/http_connection.h"

#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <utility>

#include "controller/kube/server_url.h"
#include "controller/kube/system_authorities.h"

namespace firesteel::kube {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr uint32_t kMaxHeader = 64u << 10;
constexpr uint64_t kMaxBody = 256u << 20;  // a page of the largest objects that etcd takes

asio::const_buffer Buffer(const std::string& text) { return asio::buffer(text.data(), text.size()); }

asio::ssl::context NewContext(const ConnectionConfig& config) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  context.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);  // most connections are idle
  if (config.ca.empty()) context.set_default_verify_paths();  // the system's folder; the file may be hidden
  SetUpTls(context, config);
  return context;
}

class TlsConnection : public HttpConnection {
 public:
  TlsConnection(const ServerUrl& url, asio::ssl::context& tls) : url_(url), stream_(io_, tls) {}

  Status Open(Deadline deadline) {
    error_code error;
    const auto addresses = tcp::resolver(io_).resolve(url_.host, url_.port, error);
    if (error) return Failed(error);
    Tcp().expires_at(deadline);
    error = Await([&](auto done) { Tcp().async_connect(addresses, done); });
    if (error) return Failed(error);
    error_code ignored;
    Tcp().socket().set_option(tcp::no_delay(true), ignored);
    Tcp().socket().set_option(asio::socket_base::keep_alive(true), ignored);
    // RFC 6066, 3: no literal addresses.
    asio::ip::make_address(url_.host, error);
    if (error) SSL_set_tlsext_host_name(stream_.native_handle(), url_.host.c_str());
    stream_.set_verify_callback(asio::ssl::host_name_verification(url_.host));
    error = Await([&](auto done) { stream_.async_handshake(asio::ssl::stream_base::client, done); });
    return error ? Status(Failed(error)) : Status();
  }

  Result<HttpResponse> Exchange(const HttpRequest& request, const std::string& authorization,
                                Deadline deadline) override {
    const http::request<http::string_body> message = ToBeast(request, authorization);
    http::response_parser<http::string_body> parser;
    parser.header_limit(kMaxHeader);
    parser.body_limit(kMaxBody);
    reusable_ = false;
    Tcp().expires_at(deadline);
    error_code error = Await([&](auto done) { http::async_write(stream_, message, done); });
    if (error) return Failed(error);
    error = Await([&](auto done) { http::async_read(stream_, buffer_, parser, done); });
    if (error) return Failed(error);
    reusable_ = parser.keep_alive();
    buffer_.shrink_to_fit();  // of a long list it took much
    return FromBeast(parser.get());
  }

  bool IsReusable() override {
    char byte = 0;
    return reusable_ && buffer_.size() == 0 &&
           recv(Tcp().socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

 private:
  beast::tcp_stream& Tcp() { return beast::get_lowest_layer(stream_); }

  Error Failed(const error_code& error) const { return Unavailable(url_.authority + ": " + error.message()); }

  // Runs one operation to its end, on this thread.
  template <typename Start>
  error_code Await(const Start& start) {
    error_code result = asio::error::operation_aborted;
    start([&result](const error_code& error, const auto&...) { result = error; });
    io_.restart();
    io_.run();
    return result;
  }

  http::request<http::string_body> ToBeast(const HttpRequest& request, const std::string& authorization) const {
    http::request<http::string_body> message(http::verb::unknown, url_.prefix + request.target, 11);
    message.method_string(request.method);
    message.set(http::field::host, url_.authority);
    message.set(http::field::accept, "application/json");
    message.set(http::field::user_agent, "firesteel/" FIRESTEEL_VERSION);
    if (!authorization.empty()) message.set(http::field::authorization, authorization);
    if (!request.content_type.empty()) {
      message.set(http::field::content_type, request.content_type);
      message.body() = request.body;
      message.prepare_payload();
    }
    return message;
  }

  static HttpResponse FromBeast(http::response<http::string_body>& answer) {
    return {static_cast<int>(answer.result_int()), std::move(answer.body()),
            std::atoi(std::string(answer[http::field::retry_after]).c_str())};
  }

  const ServerUrl url_;
  asio::io_context io_{1};  // of this connection alone
  beast::ssl_stream<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
  bool reusable_ = false;
};

}  // namespace

void SetUpTls(asio::ssl::context& context, const ConnectionConfig& config) {
  context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
  if (!config.ca.empty()) {
    // In place of the system's authorities, which may be loaded: none of them vouches for this server.
    SSL_CTX_set_cert_store(context.native_handle(), X509_STORE_new());
    context.add_certificate_authority(Buffer(config.ca));
  } else {
    error_code ignored;  // as OpenSSL itself does where the file is missing
    context.load_verify_file(SystemAuthorities(), ignored);
  }
  if (config.client_cert.empty()) return;
  context.use_certificate_chain(Buffer(config.client_cert));
  context.use_private_key(Buffer(config.client_key), asio::ssl::context::pem);
}

struct HttpConnector::Server {
  ServerUrl url;
  asio::ssl::context tls;  // thread-safe once it is set up
};

HttpConnector::HttpConnector(ConnectionConfig config)
    : config_(std::move(config)), server_(std::unique_ptr<Server>()) {}

HttpConnector::~HttpConnector() = default;

Result<std::unique_ptr<HttpConnector::Server>> HttpConnector::NewServer(const ConnectionConfig& config) {
  Result<ServerUrl> url = ParseServerUrl(config.server);
  if (!url.ok()) return url.error();
  try {
    return std::unique_ptr<Server>(new Server{std::move(*url), NewContext(config)});
  } catch (const boost::system::system_error& e) {
    return InvalidArgument("credentials for " + config.server + ": " + e.what());
  }
}

Result<std::unique_ptr<HttpConnection>> HttpConnector::Connect(Deadline deadline) {
  std::call_once(once_, [this] { server_ = NewServer(config_); });
  if (!server_.ok()) return server_.error();
  auto connection = std::make_unique<TlsConnection>((*server_)->url, (*server_)->tls);
  const Status opened = connection->Open(deadline);
  if (!opened.ok()) return opened.error();
  return std::unique_ptr<HttpConnection>(std::move(connection));
}

}  // namespace firesteel::kube
