#include "controller/kube/rest_client.h"

#include "controller/kube/http_pool.h"
#include "controller/kube/watch_decoder.h"
#include "controller/kube/watch_stream.h"

namespace firesteel::kube {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

class RestClient : public Client {
 public:
  RestClient(ConnectionConfig config, std::chrono::milliseconds timeout, CallObserver observer, CallGate gate)
      : config_(std::move(config)), observer_(std::move(observer)), gate_(std::move(gate)), http_(config_, timeout) {}

  Result<json> Get(const Resource& resource, const api::ObjectKey& key) override {
    return Call(GetRequest(resource, key));
  }
  Result<ObjectPage> List(const Resource& resource, const ListOptions& options) override {
    const Result<HttpResponse> response = Send(ListRequest(resource, options));
    if (!response.ok()) return response.error();
    return ReadPage(*response);
  }
  Result<json> Create(const Resource& resource, const std::string& ns, const json& object) override {
    return Call(CreateRequest(resource, ns, object));
  }
  Result<std::string> MergePatch(const Resource& resource, const api::ObjectKey& key, Subresource subresource,
                                 const json& patch) override {
    const Result<HttpResponse> response = Send(MergePatchRequest(resource, key, subresource, patch));
    if (!response.ok()) return response.error();
    return ReadVersion(*response);
  }
  Status Delete(const Resource& resource, const api::ObjectKey& key) override {
    const Result<json> answer = Call(DeleteRequest(resource, key));
    if (!answer.ok()) return answer.error();
    return {};
  }
  Status Watch(const Resource& resource, const WatchOptions& options,
               const std::function<void(WatchEvent)>& on_event, std::stop_token stop) override {
    const Status may_call = gate_ ? gate_() : Status();
    if (!may_call.ok()) return may_call.error();
    WatchDecoder decoder;
    const auto decode = [&](std::string_view bytes) -> Status {
      Result<std::vector<WatchEvent>> events = decoder.Feed(bytes);
      if (!events.ok()) return events.error();
      for (WatchEvent& event : *events) on_event(std::move(event));
      return {};
    };
    const auto observe = [&, start = Clock::now()](int status) { Observe("WATCH", status, start); };
    const std::chrono::seconds silence = std::chrono::seconds(options.timeout_seconds) + options.slack;
    const Result<HttpResponse> end =
        StreamWatch(config_, http_.authorization(), WatchRequest(resource, options), silence, {observe, decode}, stop);
    if (!end.ok()) return end.error();
    if (!IsSuccess(*end)) return ReadObject(*end).error();
    return {};
  }

 private:
  Result<json> Call(const HttpRequest& request) {
    const Result<HttpResponse> response = Send(request);
    if (!response.ok()) return response.error();
    return ReadObject(*response);
  }

  Result<HttpResponse> Send(const HttpRequest& request) {
    const Status may_call = gate_ ? gate_() : Status();
    if (!may_call.ok()) return may_call.error();
    const auto start = Clock::now();
    Result<HttpResponse> response = http_.Send(request);
    Observe(request.method, response.ok() ? response->status : 0, start);
    return response;
  }

  void Observe(const std::string& method, int status, Clock::time_point start) const {
    if (!observer_) return;
    observer_({method, status, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start)});
  }

  const ConnectionConfig config_;
  const CallObserver observer_;
  const CallGate gate_;
  HttpPool http_;
};

}  // namespace

std::unique_ptr<Client> NewRestClient(ConnectionConfig config, CallObserver observer, std::chrono::milliseconds timeout,
                                      CallGate gate) {
  return std::make_unique<RestClient>(std::move(config), timeout, std::move(observer), std::move(gate));
}

}  // namespace firesteel::kube
