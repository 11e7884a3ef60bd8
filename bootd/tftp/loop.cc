#include "bootd/tftp/loop.h"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <random>

#include "base/log.h"

namespace bootd::tftp {
namespace {

using firesteel::LogField;
using firesteel::LogWarning;
using firesteel::MonotonicTime;
using firesteel::Result;
using std::chrono::milliseconds;

constexpr int kMaxEvents = 32;
constexpr int kMaxBatches = 4;               // of one socket before the next has its turn
constexpr size_t kMaxAheads = 128;           // 4 MiB
constexpr size_t kShareSocket = 64;          // transfers that begin on one socket before the next is taken
constexpr firesteel::Rate kAnswersToStrangers{64, 64};  // they may be forged: not a mirror for floods
constexpr milliseconds kSilence{1000};       // after which a client may begin again from the same port
constexpr uint32_t kDefaultBlockSize = 512;

uint64_t RandomSeed() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

MonotonicTime Now() { return std::chrono::steady_clock::now(); }

}  // namespace

Loop::Loop(Options options, Handler handler, Observer observer, std::vector<UniqueFd> sockets)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      observer_(std::move(observer)),
      sockets_(std::move(sockets)),
      port_(LocalEndpoint(sockets_[0].get()).port()),
      any_address_(LocalEndpoint(sockets_[0].get()).IsAny()),
      seed_(RandomSeed()),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      now_(Now()),
      wheel_(now_),
      admission_(options_.admission, seed_),
      sessions_(seed_) {}

void Loop::Run(std::stop_token stop, int wake_fd) {
  std::vector<int> fds;
  for (const UniqueFd& socket : sockets_) fds.push_back(socket.get());
  fds.insert(fds.end(), {timer_.get(), wake_fd});
  epoll_event event{};
  event.events = EPOLLIN;
  for (event.data.u64 = 0; event.data.u64 < fds.size(); ++event.data.u64) {
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fds[event.data.u64], &event);
  }
  while (!stop.stop_requested()) Wait();
  while (Session* session = sessions_.Any()) End(*session, Outcome::kStopped);
}

void Loop::Wait() {
  epoll_event events[kMaxEvents];
  const int count = epoll_wait(epoll_.get(), events, kMaxEvents, -1);
  now_ = Now();
  for (int i = 0; i < count; ++i) {
    const size_t port = events[i].data.u64;
    if (port < sockets_.size()) Drain(port);
  }
  // Last: an answer that waits in a socket is not late.
  ExpireSessions();
  SetTimer();
}

// A timer of its own and not epoll_wait's, because setting one costs more than receiving a packet: here
// that happens once in some milliseconds and not for every packet.
void Loop::SetTimer() {
  const MonotonicTime next = wheel_.Next().value_or(MonotonicTime::max());
  if (next == timer_at_) return;
  timer_at_ = next;
  itimerspec when{};  // zero = off
  if (next != MonotonicTime::max()) {
    const auto since_boot = std::chrono::duration_cast<std::chrono::nanoseconds>(next.time_since_epoch()).count();
    when.it_value = {static_cast<time_t>(since_boot / 1000000000), static_cast<long>(since_boot % 1000000000)};
  }
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

void Loop::Drain(size_t port) {
  const int batches = port == 0 && !options_.single_port ? 1 : kMaxBatches;
  for (int batch = 0; batch < batches; ++batch) {
    const size_t count = inbox_.Receive(sockets_[port].get());
    for (size_t i = 0; i < count; ++i) OnDatagram(port, i);
    Flush();
    if (count < Inbox::kBatch) return;
    now_ = Now();
  }
}

void Loop::OnDatagram(size_t port, size_t i) {
  Session* session = sessions_.Find(port, inbox_.from(i));
  if (session == nullptr) return OnUnknown(port, i);
  if (const auto ack = ParseAck(inbox_.bytes(i))) return Do(*session, session->transfer.OnAck(ack->block, now_));
  const Result<Packet> packet = ParsePacket(inbox_.bytes(i));
  if (!packet.ok()) return Report(i, Refusal::kMalformed, packet.error().message);
  if (std::holds_alternative<ErrorPacket>(*packet)) return End(*session, Outcome::kAborted);
  const auto* request = std::get_if<ReadRequest>(&*packet);
  if (port == 0 && request != nullptr) OnRequest(i, *request);
}

void Loop::OnUnknown(size_t port, size_t i) {
  const Result<Packet> packet = ParsePacket(inbox_.bytes(i));
  if (!packet.ok()) return Report(i, Refusal::kMalformed, packet.error().message);
  if (std::holds_alternative<ErrorPacket>(*packet)) return;
  const auto* request = std::get_if<ReadRequest>(&*packet);
  if (port == 0 && request != nullptr) return OnRequest(i, *request);
  if (port == 0 && std::holds_alternative<WriteRequest>(*packet)) {
    return RefuseRequest(i, Refusal::kWrite, {ErrorCode::kAccessViolation, "this server is read-only"});
  }
  const auto* bad = std::get_if<BadRequest>(&*packet);
  if (port == 0 && bad != nullptr) return RefuseRequest(i, Refusal::kMalformed, {bad->code, bad->message});
  // RFC 1350: the sender is told, and no transfer is disturbed.
  const Refused answer{ErrorCode::kUnknownTransferId, "unknown transfer ID"};
  Report(i, Refusal::kUnknownTransfer, answer.message);
  if (strangers_.Take(kAnswersToStrangers, now_)) {
    outbox_.Send(AnswerRoute(port, i), EncodeError(answer.code, answer.message));
  }
}

// A request that needs no look into the file system. It costs the client's share all the same: its address may be forged,
// and the ERROR is larger than the smallest request.
void Loop::RefuseRequest(size_t i, Refusal why, const Refused& answer) {
  if (admission_.Ask(inbox_.from(i).client(), now_) == Verdict::kTooFast) return Report(i, Refusal::kTooFast, "too many requests");
  Refuse(i, why, answer);
}

void Loop::OnRequest(size_t i, const ReadRequest& request) {
  Session* latest = sessions_.Latest(inbox_.from(i));
  if (latest == nullptr) return Begin(i, request);
  const bool again = !latest->transfer.answered() && latest->request == request;
  if (again) return Do(*latest, latest->transfer.OnRequestAgain(now_));
  // From a port that it already uses: with ports of our own both transfers can be told apart, and the
  // client refuses the one that it does not want. With one port the client must have begun anew; but only
  // the silence of the old transfer proves that the request is not forged.
  if (options_.single_port) {
    if (latest->transfer.answered() && now_ - latest->transfer.progress_at() < kSilence) return;
    End(*latest, Outcome::kAborted);
  }
  Begin(i, request);
}

void Loop::Begin(size_t i, const ReadRequest& request) {
  const Endpoint& peer = inbox_.from(i);
  switch (admission_.Ask(peer.client(), now_)) {
    case Verdict::kAdmitted: break;
    case Verdict::kTooManyOfClient:
      return Refuse(i, Refusal::kTooManyOfClient, {ErrorCode::kUndefined, "too many transfers of this client"});
    case Verdict::kTooFast: return Report(i, Refusal::kTooFast, "too many requests");
  }
  if (request.netascii) {
    return Refuse(i, Refusal::kNetascii, {ErrorCode::kIllegalOperation, "only octet (binary) mode is served"});
  }
  const std::optional<size_t> port = FreePort(peer);
  if (!port || !MakeRoom()) {
    return Refuse(i, Refusal::kTooManyTransfers, {ErrorCode::kUndefined, "too many transfers"});
  }
  std::variant<Content, Refused> opened = Open(Request{request.file_name, peer.ip(), request.options});
  if (const auto* refused = std::get_if<Refused>(&opened)) return Refuse(i, Refusal::kByHandler, *refused);
  auto& content = std::get<Content>(opened);
  TransferLimits limits = options_.transfer;
  if (request.block_size.value_or(0) > kDefaultBlockSize) {
    limits.max_block_size = std::min(limits.max_block_size, path_mtu_.BlockSize(peer));
  }
  const Transfer transfer(request, content.size(), limits);
  Session& session = sessions_.Add(
      {0, *port, peer, any_address_ ? inbox_.to(i) : Endpoint(), request, transfer, std::move(content), {}});
  count_ = sessions_.size();
  admission_.Began(peer.client());
  unanswered_.push_back(session.id);
  Do(session, session.transfer.Start(now_));
}

std::variant<Content, Refused> Loop::Open(const Request& request) {
  auto answer = handler_(request);
  if (auto* refused = std::get_if<Refused>(&answer)) return std::move(*refused);
  Content content;
  if (auto* bytes = std::get_if<core::BytesContent>(&answer)) {
    content.bytes = std::make_shared<const std::string>(std::move(bytes->bytes));
    content.on_end = std::move(bytes->on_end);
    return content;
  }
  auto& file = std::get<core::FileContent>(answer);
  auto opened = files_.Open(file.path);
  if (!opened.ok()) {
    if (file.on_end) file.on_end(false);
    return Refused{ErrorCode::kFileNotFound, opened.error().message};
  }
  content.file = std::move(*opened);
  content.on_end = std::move(file.on_end);
  return content;
}

// A socket on which this client's port has no transfer, and had none just before. Those that begin one after
// the other share a socket: the fewer are in use, the more packets one system call carries.
std::optional<size_t> Loop::FreePort(const Endpoint& peer) {
  if (options_.single_port) return 0;
  const size_t count = sockets_.size() - 1;
  uint8_t& last = last_ports_[EndpointHash{seed_}(peer) % last_ports_.size()];
  const size_t first = (seed_ + begun_++ / kShareSocket) % count;
  for (size_t i = 0; i < count; ++i) {
    const size_t port = 1 + (first + i) % count;
    if (port == last || sessions_.Find(port, peer) != nullptr) continue;
    last = static_cast<uint8_t>(port);
    return port;
  }
  return std::nullopt;
}

// Forged requests never get further than their first answer: the oldest of those makes room.
bool Loop::MakeRoom() {
  const auto gone = [this](uint64_t id) {
    const Session* session = sessions_.Find(id);
    return session == nullptr || session->transfer.answered();
  };
  while (!unanswered_.empty() && gone(unanswered_.front())) unanswered_.pop_front();
  if (sessions_.size() < options_.max_transfers) return true;
  if (unanswered_.empty()) return false;
  End(*sessions_.Find(unanswered_.front()), Outcome::kEvicted);
  return true;
}

void Loop::Do(Session& session, const Step& step) {
  if (const auto* finished = std::get_if<Finished>(&step)) {
    if (finished->outcome != Outcome::kTooSlow) return End(session, finished->outcome);
    return Fail(session, finished->outcome, "the transfer took too long");
  }
  if (const auto* options = std::get_if<SendOptionAck>(&step)) {
    outbox_.Send(RouteOf(session), EncodeOptionAck(options->options));
  } else if (const auto* blocks = std::get_if<tftp::SendBlocks>(&step)) {
    const OpenFile* file = session.content.file.get();
    const bool spoilt = file != nullptr && session.transfer.IsLast(*blocks) && file->Changed();
    if (spoilt) return Fail(session, Outcome::kFileChanged, "the file was changed while it was sent");
    if (!SendBlocks(session, *blocks)) return;
  }
  Arm(session);
}

// False: that ended the transfer.
bool Loop::SendBlocks(Session& session, const tftp::SendBlocks& blocks) {
  const uint32_t size = session.transfer.block_size();
  const uint64_t begin = (blocks.first - 1) * size;
  const uint64_t length = std::min<uint64_t>(uint64_t{blocks.count} * size, session.content.size() - begin);
  const auto at_once = static_cast<uint32_t>(Outbox::kScratch / size);
  for (uint32_t done = 0; done < blocks.count;) {
    const uint32_t count = std::min(at_once, blocks.count - done);
    const uint64_t offset = uint64_t{done} * size;
    const auto part = static_cast<size_t>(std::min<uint64_t>(uint64_t{count} * size, length - offset));
    const char* data = Read(session, begin + offset, part);
    if (data == nullptr) {
      Fail(session, Outcome::kFileChanged, "the file became shorter while it was sent");
      return false;
    }
    outbox_.SendBlocks(RouteOf(session), blocks.first + done, count, {data, part}, size);
    done += count;
  }
  return true;
}

// What stays until the next Flush(); null: the file does not have that much any more.
const char* Loop::Read(Session& session, uint64_t offset, size_t size) {
  Content& content = session.content;
  if (content.file == nullptr) return content.bytes->data() + offset;
  if (content.file->mapped() != nullptr) return content.file->mapped() + offset;
  if (size <= sizeof(ReadAhead::data) / 4 && (content.ahead != nullptr || aheads_ < kMaxAheads)) {
    return ReadThrough(content, offset, size);
  }
  char* data = outbox_.Scratch(size);
  return content.file->Read(offset, size, data) ? data : nullptr;
}

const char* Loop::ReadThrough(Content& content, uint64_t offset, size_t size) {
  if (content.ahead == nullptr) {
    content.ahead = std::make_unique<ReadAhead>();
    ++aheads_;
  }
  ReadAhead& ahead = *content.ahead;
  if (ahead.Find(offset, size) == nullptr) {
    outbox_.Flush();  // what is queued may be in there
    ahead.begin = offset;
    ahead.size = static_cast<size_t>(std::min<uint64_t>(ahead.data.size(), content.size() - offset));
    if (!content.file->Read(offset, ahead.size, ahead.data.data())) ahead.size = 0;
  }
  return ahead.size == 0 && size > 0 ? nullptr : ahead.Find(offset, size);
}

// Ends it with a word to the client and to the log.
void Loop::Fail(Session& session, Outcome outcome, std::string_view message) {
  LogWarning("tftp transfer failed", {{"client", session.peer.ip()},
                                      {"file", session.request.file_name},
                                      {"reason", message}});
  outbox_.Send(RouteOf(session), EncodeError(ErrorCode::kUndefined, message));
  End(session, outcome);
}

void Loop::End(Session& session, Outcome outcome) {
  Session ended = sessions_.Remove(session.id);
  count_ = sessions_.size();
  admission_.Ended(ended.peer.client());
  if (ended.content.on_end) ended.content.on_end(outcome == Outcome::kComplete);
  if (observer_.transfer_ended) {
    observer_.transfer_ended({outcome, ended.transfer.acked_bytes(), ended.transfer.retransmits()});
  }
  if (ended.content.ahead != nullptr) --aheads_;
  dead_.push_back(std::move(ended.content));
}

void Loop::Refuse(size_t i, Refusal why, const Refused& answer) {
  Report(i, why, answer.message);
  outbox_.Send(AnswerRoute(0, i), EncodeError(answer.code, answer.message));
}

void Loop::Report(size_t i, Refusal why, const std::string& message) {
  if (observer_.refused) observer_.refused(why);
  if (why == Refusal::kByHandler) return;  // the handler writes its own line
  const Endpoint& from = inbox_.from(i);
  if (told_.IsRepeat({from.client().bytes(), ToString(why)}, now_)) return;
  LogWarning("tftp refused", {{"client", from.ip()}, {"reason", ToString(why)}, {"message", message}});
}

void Loop::Arm(Session& session) {
  const MonotonicTime deadline = session.transfer.deadline();
  if (session.armed_at != MonotonicTime{} && session.armed_at <= deadline) return;
  session.armed_at = deadline;
  wheel_.Add(session.id, deadline);
}

void Loop::ExpireSessions() {
  if (now_ < timer_at_) return;
  due_.clear();
  wheel_.Advance(now_, due_);
  for (const TimerWheel::Entry& entry : due_) {
    Session* session = sessions_.Find(entry.id);
    if (session == nullptr || session->armed_at != entry.when) continue;
    session->armed_at = {};
    // Before its deadline that does nothing but set the timer again.
    Do(*session, session->transfer.OnTimeout(now_));
  }
  Flush();
}

void Loop::Flush() {
  outbox_.Flush();
  for (uint64_t id : outbox_.TakeFailed()) {
    if (Session* session = sessions_.Find(id)) {
      Fail(*session, Outcome::kFileChanged, "the file became shorter while it was sent");
    }
  }
  outbox_.Flush();
  dead_.clear();
}

Route Loop::RouteOf(const Session& session) const {
  return {sockets_[session.port].get(), session.peer, session.local, session.id};
}

Route Loop::AnswerRoute(size_t port, size_t i) const {
  return {sockets_[port].get(), inbox_.from(i), any_address_ ? inbox_.to(i) : Endpoint(), 0};
}

}  // namespace bootd::tftp
