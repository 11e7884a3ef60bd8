#include "controller/reconcile/etcd_look.h"

#include <algorithm>

namespace firesteel::reconcile {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{8000};
constexpr milliseconds kCall{3000};  // a member on a busy machine takes a second

}  // namespace

std::shared_ptr<ApiBackoff> EtcdBackoffs::Of(const std::string& url, const kube::HttpRequest& question) {
  std::lock_guard lock(mutex_);
  std::shared_ptr<ApiBackoff>& backoff = by_question_[{url, question.target + question.body}];
  if (backoff == nullptr) backoff = std::make_shared<ApiBackoff>();
  return backoff;
}

EtcdLook::EtcdLook(const EtcdDial& dial, EtcdBackoffs& backoffs)
    : dial_(dial), backoffs_(backoffs), deadline_(backoffs.clock().Monotonic() + kLook) {}

Result<kube::HttpResponse> EtcdLook::Ask(const std::string& url, const kube::HttpRequest& question) {
  const MonotonicTime now = backoffs_.clock().Monotonic();
  const bool may_ask = now >= deadline_ || backoffs_.Of(url, question)->MayAsk(now);
  return may_ask ? AskAnyway(url, question) : Unavailable(url + " did not answer; it is asked again later");
}

Result<kube::HttpResponse> EtcdLook::AskAnyway(const std::string& url, const kube::HttpRequest& question) {
  const MonotonicTime start = backoffs_.clock().Monotonic();
  if (start >= deadline_) {
    ran_out_ = true;
    return Unavailable(url + " was not asked: others took too long to answer");
  }
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - start);
  Result<kube::HttpResponse> response = dial_(url, std::min(kCall, left))->Send(question);
  const MonotonicTime end = backoffs_.clock().Monotonic();
  if (!response.ok() && end >= deadline_) ran_out_ = true;  // it had less time than others
  // As if it had ended with a whole look more: a pause that is over when the next look begins would spare that look nothing.
  backoffs_.Of(url, question)->Ended(response.ok(), std::chrono::duration_cast<milliseconds>(end - start), end + kLook);
  return response;
}

}  // namespace firesteel::reconcile
