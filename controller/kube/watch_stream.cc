#include "controller/kube/watch_stream.h"

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <algorithm>
#include <mutex>

#include "controller/kube/http_connection.h"

namespace firesteel::kube {
namespace {

namespace http = web::http;
using http::client::http_client;
using http::client::http_client_config;
using Body = concurrency::streams::streambuf<uint8_t>;

http_client_config Configure(const ConnectionConfig& connection, std::chrono::seconds timeout) {
  http_client_config config;
  config.set_timeout(timeout);
  config.set_ssl_context_callback([connection](boost::asio::ssl::context& context) { SetUpTls(context, connection); });
  return config;
}

http::http_request ToCpprest(const HttpRequest& request, const std::string& authorization) {
  http::http_request out(request.method);
  out.set_request_uri(web::uri(request.target));
  out.headers().add("Accept", "application/json");
  out.headers().add("User-Agent", "firesteel/" FIRESTEEL_VERSION);
  if (!authorization.empty()) out.headers().add("Authorization", authorization);
  return out;
}

// Reads what has arrived, at least one byte; "" = end of the stream.
std::string ReadSome(Body& body) {
  if (body.getc().get() == concurrency::streams::char_traits<uint8_t>::eof()) return "";
  std::string bytes(std::max<size_t>(body.in_avail(), 1), '\0');
  bytes.resize(body.getn(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()).get());
  return bytes;
}

}  // namespace

Result<HttpResponse> StreamWatch(const ConnectionConfig& connection, Authorization& authorization,
                                 const HttpRequest& request, std::chrono::seconds silence,
                                 const WatchStreamCalls& calls, std::stop_token stop) {
  static std::once_flag once;
  std::call_once(once, [] {
    crossplat::threadpool::initialize_with_threads(1);  // 40 unless told
  });
  pplx::cancellation_token_source cancel;
  const std::stop_callback on_stop(stop, [cancel] { cancel.cancel(); });
  HttpResponse response;
  try {
    http_client client(connection.server, Configure(connection, silence));
    const http::http_response answer =
        client.request(ToCpprest(request, authorization.Header()), cancel.get_token()).get();
    response.status = answer.status_code();
    calls.on_status(response.status);
    if (response.status != http::status_codes::OK) {
      const std::vector<unsigned char> text = answer.extract_vector().get();
      response.body.assign(text.begin(), text.end());
      return response;
    }
    Body body = answer.body().streambuf();
    for (std::string bytes = ReadSome(body); !bytes.empty(); bytes = ReadSome(body)) {
      const Status taken = calls.on_bytes(bytes);
      if (!taken.ok()) return taken.error();
    }
    return response;
  } catch (const std::exception& e) {
    if (response.status == 0) calls.on_status(0);
    return Unavailable(connection.server + ": " + e.what());
  }
}

}  // namespace firesteel::kube
