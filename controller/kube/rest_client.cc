#include "controller/kube/rest_client.h"

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <chrono>
#include <mutex>

#include "base/file.h"
#include "controller/kube/http_client.h"
#include "controller/kube/watch_decoder.h"

namespace firesteel::kube {
namespace {

namespace http = web::http;
using http::client::http_client;
using http::client::http_client_config;
using nlohmann::json;

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWatchSlack{30};  // beyond the watch's own timeoutSeconds
constexpr std::chrono::seconds kTokenAge{60};

constexpr char kSystemAuthorities[] = "SSL_CERT_FILE";  // where OpenSSL looks first

// The file with the system's authorities, for servers that no authority of their own vouches for.
std::string& SystemAuthorities() {
  static std::string file;
  return file;
}

// Before cpprest's first use. It starts 40 threads unless told, and parses the system's authorities (140 certificates: 3 MiB,
// and more time than a thousand calls take) for each connection, of which nearly all are to servers with an authority of their own.
void PrepareCpprest() {
  static std::once_flag once;
  std::call_once(once, [] {
    crossplat::threadpool::initialize_with_threads(1);
    const char* file = std::getenv(kSystemAuthorities);
    SystemAuthorities() = file != nullptr ? file : X509_get_default_cert_file();
    setenv(kSystemAuthorities, "/dev/null", 1);
  });
}

boost::asio::const_buffer Buffer(const std::string& text) {
  return boost::asio::buffer(text.data(), text.size());
}

http_client_config Configure(const ConnectionConfig& connection, std::chrono::seconds timeout) {
  http_client_config config;
  config.set_timeout(timeout);
  config.set_ssl_context_callback([connection](boost::asio::ssl::context& context) {
    context.set_options(boost::asio::ssl::context::no_tlsv1 | boost::asio::ssl::context::no_tlsv1_1);
    if (!connection.ca.empty()) {
      // In place of the system's authorities, which cpprest has loaded: none of them vouches for this server.
      SSL_CTX_set_cert_store(context.native_handle(), X509_STORE_new());
      context.add_certificate_authority(Buffer(connection.ca));
    } else {
      // What OpenSSL's default folder has is there already; a file that is missing is not an error there either.
      boost::system::error_code ignored;
      context.load_verify_file(SystemAuthorities(), ignored);
    }
    if (connection.client_cert.empty()) return;
    context.use_certificate_chain(Buffer(connection.client_cert));
    context.use_private_key(Buffer(connection.client_key), boost::asio::ssl::context::pem);
  });
  return config;
}

// Reads what has arrived, at least one byte; "" = end of the stream.
std::string ReadSome(concurrency::streams::streambuf<uint8_t>& buffer) {
  using Traits = concurrency::streams::char_traits<uint8_t>;
  if (buffer.getc().get() == Traits::eof()) return "";
  std::string bytes(std::max<size_t>(buffer.in_avail(), 1), '\0');
  const size_t count = buffer.getn(reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()).get();
  bytes.resize(count);
  return bytes;
}

class CpprestClient : public HttpClient {
 public:
  CpprestClient(ConnectionConfig config, std::chrono::seconds timeout, CallObserver observer)
      : config_(std::move(config)), observer_(std::move(observer)), client_(config_.server, Configure(config_, timeout)) {}

  Result<HttpResponse> Send(const HttpRequest& request) override {
    const auto start = Clock::now();
    try {
      const http::http_response answer = client_.request(ToCpprest(request)).get();
      HttpResponse response;
      response.status = answer.status_code();
      const auto retry = answer.headers().find("Retry-After");
      if (retry != answer.headers().end()) response.retry_after_seconds = std::atoi(retry->second.c_str());
      const std::vector<unsigned char> body = answer.extract_vector().get();
      response.body.assign(body.begin(), body.end());
      Observe(request.method, response.status, start);
      return response;
    } catch (const std::exception& e) {
      Observe(request.method, 0, start);
      return Unavailable(config_.server + ": " + e.what());
    }
  }

  http::http_request ToCpprest(const HttpRequest& request) {
    http::http_request out(request.method);
    out.set_request_uri(web::uri(request.target));
    out.headers().add("Accept", "application/json");
    out.headers().add("User-Agent", "firesteel/" FIRESTEEL_VERSION);
    const std::string token = Token();
    if (!token.empty()) out.headers().add("Authorization", "Bearer " + token);
    if (!request.content_type.empty()) out.set_body(request.body, request.content_type);
    return out;
  }

  void Observe(const std::string& method, int status, Clock::time_point start) const {
    if (!observer_) return;
    observer_({method, status, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start)});
  }
  const ConnectionConfig& config() const { return config_; }

 private:
  std::string Token() {
    if (config_.token_file.empty()) return config_.token;
    std::lock_guard lock(token_mutex_);
    const auto now = Clock::now();
    if (token_.empty() || now - token_read_ > kTokenAge) {
      const Result<std::string> text = ReadFile(config_.token_file);
      if (text.ok()) token_ = text->substr(0, text->find_last_not_of(" \r\n\t") + 1);
      token_read_ = now;
    }
    return token_;
  }

  const ConnectionConfig config_;
  const CallObserver observer_;
  http_client client_;
  std::mutex token_mutex_;
  std::string token_;  // guarded by token_mutex_
  Clock::time_point token_read_;  // guarded by token_mutex_
};

class RestClient : public Client {
 public:
  RestClient(ConnectionConfig config, std::chrono::seconds timeout, CallObserver observer)
      : http_(std::move(config), timeout, std::move(observer)) {}

  Result<json> Get(const Resource& resource, const api::ObjectKey& key) override {
    return Call(GetRequest(resource, key));
  }
  Result<ObjectPage> List(const Resource& resource, const ListOptions& options) override {
    const Result<HttpResponse> response = http_.Send(ListRequest(resource, options));
    if (!response.ok()) return response.error();
    return ReadPage(*response);
  }
  Result<json> Create(const Resource& resource, const std::string& ns, const json& object) override {
    return Call(CreateRequest(resource, ns, object));
  }
  Result<std::string> MergePatch(const Resource& resource, const api::ObjectKey& key, Subresource subresource,
                                 const json& patch) override {
    const Result<HttpResponse> response = http_.Send(MergePatchRequest(resource, key, subresource, patch));
    if (!response.ok()) return response.error();
    return ReadVersion(*response);
  }
  Status Delete(const Resource& resource, const api::ObjectKey& key) override {
    const Result<json> answer = Call(DeleteRequest(resource, key));
    if (!answer.ok()) return answer.error();
    return {};
  }
  Status Watch(const Resource& resource, const WatchOptions& options,
               const std::function<void(WatchEvent)>& on_event, std::stop_token stop) override;

 private:
  Result<json> Call(const HttpRequest& request) {
    const Result<HttpResponse> response = http_.Send(request);
    if (!response.ok()) return response.error();
    return ReadObject(*response);
  }

  CpprestClient http_;
};

Status RestClient::Watch(const Resource& resource, const WatchOptions& options,
                         const std::function<void(WatchEvent)>& on_event, std::stop_token stop) {
  // A client of its own: the timeout is one of inactivity, and a quiet watch is nothing wrong.
  pplx::cancellation_token_source cancel;
  const std::stop_callback on_stop(stop, [cancel] { cancel.cancel(); });
  const auto start = Clock::now();
  try {
    http_client client(http_.config().server, Configure(http_.config(), std::chrono::seconds(options.timeout_seconds) +
                                                                            kWatchSlack));
    const http::http_response answer =
        client.request(http_.ToCpprest(WatchRequest(resource, options)), cancel.get_token()).get();
    http_.Observe("WATCH", answer.status_code(), start);
    if (answer.status_code() != http::status_codes::OK) {
      const std::vector<unsigned char> body = answer.extract_vector().get();
      return ReadObject({answer.status_code(), std::string(body.begin(), body.end()), 0}).error();
    }
    WatchDecoder decoder;
    concurrency::streams::streambuf<uint8_t> buffer = answer.body().streambuf();
    for (std::string bytes = ReadSome(buffer); !bytes.empty(); bytes = ReadSome(buffer)) {
      Result<std::vector<WatchEvent>> events = decoder.Feed(bytes);
      if (!events.ok()) return events.error();
      for (WatchEvent& event : *events) on_event(std::move(event));
    }
    return {};
  } catch (const std::exception& e) {
    http_.Observe("WATCH", 0, start);
    return Unavailable(http_.config().server + ": " + e.what());
  }
}

}  // namespace

std::unique_ptr<HttpClient> NewHttpClient(ConnectionConfig config, std::chrono::seconds timeout) {
  PrepareCpprest();
  return std::make_unique<CpprestClient>(std::move(config), timeout, CallObserver());
}

std::unique_ptr<Client> NewRestClient(ConnectionConfig config, CallObserver observer, std::chrono::seconds timeout) {
  PrepareCpprest();
  return std::make_unique<RestClient>(std::move(config), timeout, std::move(observer));
}

}  // namespace firesteel::kube
