#include "bootd/http/worker.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "base/log.h"

namespace bootd::http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAckPoll{5};
constexpr milliseconds kLinger{5000};
constexpr int kEvents = 256;

}  // namespace

Worker::Worker(const Options& options, const Handler& handler, std::function<void(const ClientAddress&)> on_closed)
    : context_{.options = options, .handler = handler, .stats = {}, .files = {}, .date = {}, .now = {}},
      on_closed_(std::move(on_closed)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &mail_;
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event);
}

Worker::~Worker() {
  Stop();
}

void Worker::Watch(int listener, std::function<milliseconds()> on_ready) {
  listener_ = listener;
  on_ready_ = std::move(on_ready);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &on_ready_;
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_, &event);
}

void Worker::Start() {
  // Signals are for the main thread; a peer that is gone is an error code, also where OpenSSL writes.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Worker::Stop() {
  stop_ = true;
  eventfd_write(wake_.get(), 1);
  if (thread_.joinable()) thread_.join();
}

void Worker::Adopt(std::unique_ptr<Connection> connection) {
  ++load_;
  {
    std::lock_guard lock(mutex_);
    mail_.push_back(std::move(connection));
  }
  eventfd_write(wake_.get(), 1);
}

void Worker::Run() {
  while (!stop_) Turn();
}

void Worker::Turn() {
  epoll_event events[kEvents];
  const int count = epoll_wait(epoll_.get(), events, kEvents, TimeoutMs());
  Tick();
  size_t turns = Waiting(Wait::kTurn).size();
  for (int i = 0; i < count; ++i) {
    if (events[i].data.ptr == &mail_) {
      TakeMail();
    } else if (events[i].data.ptr == &on_ready_) {
      AcceptSome();
    } else {
      Handle(*static_cast<Slot*>(events[i].data.ptr), events[i].events);
    }
  }
  // Those that had their share the last time go on after those that have not.
  for (; turns > 0 && !Waiting(Wait::kTurn).empty(); --turns) Handle(Waiting(Wait::kTurn).front(), 0);
  Expire();
  Waiting(Wait::kEnd).clear();  // only now: an event of the same batch may have named them
}

void Worker::Tick() {
  context_.now = context_.options.clock->Monotonic();
  const time_t wall = time(nullptr);
  if (wall == date_of_) return;
  date_of_ = wall;
  context_.date = HttpDate(wall);
}

int Worker::TimeoutMs() const {
  if (!slots_[static_cast<size_t>(Wait::kTurn)].empty()) return 0;
  std::optional<firesteel::MonotonicTime> next = listen_again_;
  for (const Slots& slots : slots_) {
    if (!slots.empty() && (!next || slots.front().deadline < *next)) next = slots.front().deadline;
  }
  if (!next) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*next - context_.options.clock->Monotonic());
  return static_cast<int>(std::max<milliseconds::rep>(0, left.count()));
}

void Worker::TakeMail() {
  eventfd_t ignored = 0;
  eventfd_read(wake_.get(), &ignored);
  std::vector<std::unique_ptr<Connection>> mail;
  {
    std::lock_guard lock(mutex_);
    mail.swap(mail_);
  }
  for (std::unique_ptr<Connection>& connection : mail) {
    Slots& slots = Waiting(Wait::kRequest);
    Slot& slot = slots.emplace_back();
    slot.self = std::prev(slots.end());
    slot.wait = Wait::kRequest;
    slot.connection = std::move(connection);
    slot.deadline = context_.now + Patience(Wait::kRequest);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &slot;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, slot.connection->fd(), &event) != 0) Place(slot, Wait::kEnd);
  }
}

void Worker::AcceptSome() {
  const milliseconds pause = on_ready_();
  if (pause == milliseconds(0)) return;
  SetListening(false);
  listen_again_ = context_.now + pause;
}

void Worker::SetListening(bool on) {
  epoll_event event{};
  event.events = on ? EPOLLIN : 0u;
  event.data.ptr = &on_ready_;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listener_, &event);
}

void Worker::Handle(Slot& slot, uint32_t events) {
  if (slot.wait == Wait::kEnd) return;
  Wait wait = Wait::kEnd;
  try {
    wait = events != 0 ? slot.connection->OnEvent(context_, events) : slot.connection->Advance(context_);
  } catch (const std::exception& e) {  // out of memory, or a handler's: one connection's end, not ours
    firesteel::LogError("connection failed", {{"client", slot.connection->client().ip}, {"error", e.what()}});
  }
  const bool anew = wait != slot.wait || wait == Wait::kTurn || slot.progress != slot.connection->progress();
  if (anew) Place(slot, wait);
}

void Worker::Place(Slot& slot, Wait wait) {
  Waiting(wait).splice(Waiting(wait).end(), Waiting(slot.wait), slot.self);
  slot.wait = wait;
  slot.progress = slot.connection->progress();
  slot.deadline = context_.now + Patience(wait);
  if (wait != Wait::kEnd) return;
  slot.connection->Abandon(context_);
  on_closed_(slot.connection->client());
  --load_;
}

void Worker::Expire() {
  if (listen_again_ && *listen_again_ <= context_.now) {
    listen_again_.reset();
    SetListening(true);
  }
  for (const Wait kind : {Wait::kRequest, Wait::kSend, Wait::kAck, Wait::kLinger}) {
    while (!Waiting(kind).empty() && Waiting(kind).front().deadline <= context_.now) {
      Slot& slot = Waiting(kind).front();
      const Wait wait = slot.connection->OnTimeout(context_, kind);
      if (wait == Wait::kEnd && kind != Wait::kLinger) context_.stats.timeouts.Add(1);
      Place(slot, wait);
    }
  }
}

milliseconds Worker::Patience(Wait wait) const {
  switch (wait) {
    case Wait::kRequest: return context_.options.header_timeout;
    case Wait::kSend: return context_.options.send_timeout;
    case Wait::kAck: return kAckPoll;
    case Wait::kLinger: return kLinger;
    case Wait::kTurn:
    case Wait::kEnd: return milliseconds(0);
  }
  return milliseconds(0);
}

bool Worker::Evict() {
  if (Waiting(Wait::kRequest).empty()) return false;
  context_.stats.evicted.Add(1);
  Place(Waiting(Wait::kRequest).front(), Wait::kEnd);
  return true;
}

}  // namespace bootd::http
