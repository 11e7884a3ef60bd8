#include "controller/kube/http_pool.h"

#include <utility>

namespace firesteel::kube {
namespace {

constexpr size_t kMaxIdle = 16;  // more threads than this do not call at once

}  // namespace

Result<HttpResponse> HttpPool::Send(const HttpRequest& request) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout_;
  ConnectionPtr connection = TakeIdle();
  if (connection == nullptr) {
    Result<ConnectionPtr> opened = connector_.Connect(deadline);
    if (!opened.ok()) return opened.error();
    connection = std::move(*opened);
  }
  Result<HttpResponse> response = connection->Exchange(request, authorization_.Header(), deadline);
  if (response.ok()) {
    GiveBack(std::move(connection));
  } else {
    DropIdle();
  }
  return response;
}

// What broke one connection, a path that has gone for example, mostly broke those that are idle too: each would cost a call
// its whole timeout.
void HttpPool::DropIdle() {
  std::vector<ConnectionPtr> dropped;
  std::lock_guard lock(mutex_);
  dropped.swap(idle_);
}

// The one used last; those that the server has closed meanwhile are dropped. nullptr = there is none.
HttpPool::ConnectionPtr HttpPool::TakeIdle() {
  std::lock_guard lock(mutex_);
  while (!idle_.empty()) {
    ConnectionPtr connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->IsReusable()) return connection;
  }
  return nullptr;
}

void HttpPool::GiveBack(ConnectionPtr connection) {
  if (!connection->IsReusable()) return;
  std::lock_guard lock(mutex_);
  if (idle_.size() < kMaxIdle) idle_.push_back(std::move(connection));
}

std::unique_ptr<HttpClient> NewHttpClient(const ConnectionConfig& config, std::chrono::milliseconds timeout) {
  return std::make_unique<HttpPool>(config, timeout);
}

}  // namespace firesteel::kube
