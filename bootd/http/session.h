// One connection: read a request, ask the handler, write the reply, again. Included only by server.cc.
#pragma once

#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>
#include <sys/sendfile.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "bootd/http/body.h"
#include "bootd/http/server.h"

namespace bootd::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

// What a connection needs of its server; outlives it.
struct Context {
  const Options& options;
  const Handler& handler;
  const OnReply& on_reply;
};

// Stream is Plain or Tls. Lives in a coroutine.
template <typename Stream>
class Session {
 public:
  Session(Stream& stream, const Context& context, std::string client_ip)
      : stream_(stream), context_(context), client_ip_(std::move(client_ip)) {}

  asio::awaitable<void> Run() {
    for (bool more = true; more;) more = co_await Exchange();
  }

 private:
  using Parser = bhttp::request_parser<bhttp::string_body>;
  static constexpr bool kTls = std::is_same_v<Stream, Tls>;
  struct Conditions { std::string range, if_range, if_none_match; };  // header fields, "" = not given

  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

  // Whether the connection goes on.
  asio::awaitable<bool> Exchange() {
    Parser parser;
    parser.header_limit(static_cast<uint32_t>(context_.options.max_header_bytes));
    parser.body_limit(context_.options.max_body_bytes);
    tcp().expires_after(context_.options.header_timeout);
    beast::error_code error;
    co_await bhttp::async_read_header(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    if (!error && parser.get()[bhttp::field::expect] == "100-continue") co_await Continue(error);
    if (!error) {
      co_await bhttp::async_read(stream_, buffer_, parser, asio::redirect_error(asio::use_awaitable, error));
    }
    bool more = false;
    if (error) {
      more = co_await Broken(error);
    } else {
      more = co_await Answer(parser.get());
    }
    co_return more;
  }

  asio::awaitable<void> Continue(beast::error_code& error) {
    static constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(stream_, asio::buffer(kContinue, sizeof kContinue - 1),
                               asio::redirect_error(asio::use_awaitable, error));
  }

  // A request that is none: say so where the peer still listens, then close.
  asio::awaitable<bool> Broken(beast::error_code error) {
    const int status = error == bhttp::error::header_limit ? 431
                       : error == bhttp::error::body_limit ? 413
                       : error.category() == bhttp::make_error_code(bhttp::error::bad_version).category() &&
                               error != bhttp::error::end_of_stream && error != bhttp::error::partial_message
                           ? 400
                           : 0;
    if (status == 0) co_return false;
    request_ = Request{};
    conditions_ = Conditions{};
    reply_ = TextReply(status, "this request is malformed or too large");
    co_await Send(/*keep_alive=*/false);
    co_return false;
  }

  asio::awaitable<bool> Answer(const bhttp::request<bhttp::string_body>& message) {
    request_ = Request{};
    request_.client_ip = client_ip_;
    request_.encrypted = kTls;
    request_.bearer = BearerOf(Text(message[bhttp::field::authorization]));
    conditions_ = {Text(message[bhttp::field::range]), Text(message[bhttp::field::if_range]),
                   Text(message[bhttp::field::if_none_match])};
    // Two framings of one body are how requests get smuggled past a proxy; RFC 9112 §6.3.
    const bool two_framings = message.find(bhttp::field::content_length) != message.end() &&
                              message.find(bhttp::field::transfer_encoding) != message.end();
    const std::optional<std::string> path = PathOf(Text(message.target()));
    if (!path || two_framings) {
      reply_ = TextReply(400, "this request target is not served");
    } else if (!ReadMethod(message.method(), request_.method)) {
      reply_ = TextReply(405, "only GET, HEAD and POST are served");
      reply_.headers.emplace_back("Allow", "GET, HEAD, POST");
    } else {
      request_.path = *path;
      request_.body = message.body();
      reply_ = context_.handler(request_);
    }
    const bool keep_alive = message.keep_alive() && !two_framings;
    const bool more = co_await Send(keep_alive);
    co_return more;
  }

  asio::awaitable<bool> Send(bool keep_alive) {
    std::optional<Body> opened = Body::Open(reply_);
    if (!opened) {
      reply_ = TextReply(404, "this file is not there");
      opened = Body::Open(reply_);
    }
    body_ = std::move(*opened);
    ByteRange range{0, body_.size()};
    bhttp::response<bhttp::empty_body> header;
    header.version(11);
    int status = reply_.status;
    if (status == 200 && body_.is_file()) {
      status = FileStatus(range);
      header.set(bhttp::field::accept_ranges, "bytes");
      header.set(bhttp::field::etag, body_.etag());
      if (status == 206) header.set(bhttp::field::content_range, ContentRange(range, body_.size()));
      if (status == 416) header.set(bhttp::field::content_range, "bytes */" + std::to_string(body_.size()));
    }
    const bool has_body = status != 304 && status != 416 && status != 204;
    header.result(static_cast<unsigned>(status));
    header.set(bhttp::field::server, "bootd");
    if (has_body && !body_.content_type().empty()) header.set(bhttp::field::content_type, body_.content_type());
    for (const auto& [name, value] : reply_.headers) header.set(name, value);
    if (status != 204 && status != 304) header.content_length(has_body ? range.count : 0);
    header.keep_alive(keep_alive);
    const bool with_body = has_body && request_.method != Method::kHead;
    const bool sent = co_await Write(header, range, with_body);
    if (context_.on_reply) context_.on_reply(request_, status, sent && with_body ? range.count : 0);
    co_return sent && keep_alive;
  }

  asio::awaitable<bool> Write(bhttp::response<bhttp::empty_body>& header, ByteRange range, bool with_body) {
    tcp().expires_after(context_.options.send_timeout);
    beast::error_code error;
    bhttp::response_serializer<bhttp::empty_body> serializer(header);
    co_await bhttp::async_write_header(stream_, serializer, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
      body_.End(false);
      co_return false;
    }
    bool complete = true;
    if (with_body) complete = co_await WriteBody(range);
    if (complete && with_body && body_.wants_end()) complete = co_await Acknowledged();
    body_.End(complete && with_body);
    co_return complete;
  }

  asio::awaitable<bool> WriteBody(ByteRange range) {
    bool sent = false;
    if (!body_.is_file()) {
      sent = co_await WriteBytes(asio::buffer(body_.bytes()));
    } else if constexpr (kTls) {
      sent = co_await CopyFile(range);
    } else {
      sent = co_await SendFile(range);
    }
    co_return sent;
  }

  asio::awaitable<bool> WriteBytes(asio::const_buffer bytes) {
    beast::error_code error;
    tcp().expires_after(context_.options.send_timeout);
    co_await asio::async_write(stream_, bytes, asio::redirect_error(asio::use_awaitable, error));
    co_return !error;
  }

  asio::awaitable<bool> CopyFile(ByteRange range) {
    std::vector<char> chunk(64 * 1024);
    while (range.count > 0) {
      const ssize_t size = pread(body_.fd(), chunk.data(), std::min<uint64_t>(chunk.size(), range.count),
                                 static_cast<off_t>(range.first));
      if (size <= 0) co_return false;
      const bool written = co_await WriteBytes(asio::buffer(chunk.data(), static_cast<size_t>(size)));
      if (!written) co_return false;
      range.first += static_cast<uint64_t>(size);
      range.count -= static_cast<uint64_t>(size);
    }
    co_return true;
  }

  // From the page cache to the socket, not through us.
  asio::awaitable<bool> SendFile(ByteRange range) {
    auto& socket = tcp().socket();
    socket.native_non_blocking(true);
    auto offset = static_cast<off_t>(range.first);
    while (range.count > 0) {
      const ssize_t size = sendfile(socket.native_handle(), body_.fd(), &offset, std::min<uint64_t>(range.count, 1u << 20));
      if (size > 0) {
        range.count -= static_cast<uint64_t>(size);
        continue;
      }
      if (size == 0 || (errno != EAGAIN && errno != EINTR)) co_return false;
      const bool writable = co_await Writable();
      if (!writable) co_return false;
    }
    co_return true;
  }

  // Waits until the socket takes bytes, at most send_timeout. (tcp_stream's own timer does not cover a
  // wait on its socket.)
  asio::awaitable<bool> Writable() {
    auto& socket = tcp().socket();
    asio::steady_timer timer(socket.get_executor(), context_.options.send_timeout);
    timer.async_wait([&socket](beast::error_code error) {
      if (!error) socket.cancel(error);
    });
    beast::error_code error;
    co_await socket.async_wait(asio::ip::tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
    timer.cancel();
    co_return !error;
  }

  // Whether the peer's TCP acknowledged all that was written, within send_timeout.
  asio::awaitable<bool> Acknowledged() {
    const auto deadline = std::chrono::steady_clock::now() + context_.options.send_timeout;
    asio::steady_timer timer(tcp().get_executor());
    while (std::chrono::steady_clock::now() < deadline) {
      const int fd = tcp().socket().native_handle();
      int unsent = 0;
      tcp_info info{};
      socklen_t size = sizeof info;
      if (ioctl(fd, SIOCOUTQ, &unsent) != 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) co_return false;
      // After a reset the queue is emptied too: only a living connection counts.
      if (info.tcpi_state != TCP_ESTABLISHED && info.tcpi_state != TCP_CLOSE_WAIT) co_return false;
      if (unsent == 0) co_return true;
      timer.expires_after(std::chrono::milliseconds(5));
      beast::error_code ignored;
      co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return false;
  }

  int FileStatus(ByteRange& range) const {
    const std::string& known = conditions_.if_none_match;
    if (!known.empty() && (known == "*" || known.find(body_.etag()) != std::string::npos)) return 304;
    const bool other_file = !conditions_.if_range.empty() && conditions_.if_range != body_.etag();
    if (conditions_.range.empty() || other_file) return 200;
    switch (ParseRange(conditions_.range, body_.size(), range)) {
      case RangeAnswer::kWhole: return 200;
      case RangeAnswer::kPartial: return 206;
      case RangeAnswer::kUnsatisfiable: return 416;
    }
    return 200;
  }
  static std::string ContentRange(ByteRange range, uint64_t size) {
    return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.first + range.count - 1) + "/" +
           std::to_string(size);
  }
  static bool ReadMethod(bhttp::verb verb, Method& method) {
    if (verb == bhttp::verb::get) method = Method::kGet;
    if (verb == bhttp::verb::head) method = Method::kHead;
    if (verb == bhttp::verb::post) method = Method::kPost;
    return verb == bhttp::verb::get || verb == bhttp::verb::head || verb == bhttp::verb::post;
  }
  static std::string Text(beast::string_view view) { return std::string(view.data(), view.size()); }

  Stream& stream_;
  const Context& context_;
  const std::string client_ip_;
  beast::flat_buffer buffer_{128 * 1024};
  // Of the exchange that runs. Members, not parameters: g++ 12 mishandles temporaries that are bound to
  // a coroutine's reference parameters.
  Request request_;
  Conditions conditions_;
  Reply reply_;
  Body body_;
};

}  // namespace bootd::http
