#include "bootd/http/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

namespace bootd::http {
namespace {

// A connection has its share of one worker: this many steps, or about this many bytes.
constexpr int kStepsPerTurn = 64;
constexpr uint64_t kBytesPerTurn = 4u << 20;
constexpr uint64_t kBytesPerCall = 2u << 20;
// Of all requests that are coming in on one worker.
constexpr size_t kMaxBuffered = 16u << 20;
// What a slow peer must take within a send_timeout.
constexpr int64_t kMinProgress = 4096;
constexpr uint64_t kMaxLinger = 1u << 20;

}  // namespace

Connection::Connection(int fd, SSL_CTX* tls, ClientAddress client)
    : transport_(fd, tls), client_(std::move(client)), state_(tls != nullptr ? State::kHandshake : State::kRequest) {}

Connection::~Connection() {
  if (on_end_) on_end_(false);
}

Wait Connection::OnEvent(Context& context, uint32_t epoll_events) {
  // Over TLS, reading may have waited for room to write.
  readable_ = readable_ || transport_.encrypted() || (epoll_events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  peer_done_ = peer_done_ || (epoll_events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  return Advance(context);
}

Wait Connection::Advance(Context& context) {
  const uint64_t sent_before = sent_;
  for (int step = 0; step < kStepsPerTurn && sent_ - sent_before < kBytesPerTurn; ++step) {
    const Wait wait = Step(context);
    if (wait != Wait::kTurn) return wait;
  }
  return Wait::kTurn;
}

Wait Connection::OnTimeout(Context& context, Wait wait) {
  if (wait == Wait::kAck) return AwaitAck(context);
  if (wait != Wait::kSend || Expired(context)) return Wait::kEnd;
  const int64_t waiting = transport_.Unacknowledged();
  if (waiting < 0) return Wait::kEnd;
  const int64_t acknowledged = static_cast<int64_t>(sent_) - waiting;
  if (acknowledged < acknowledged_at_check_ + kMinProgress) return Wait::kEnd;
  acknowledged_at_check_ = acknowledged;
  ++progress_;
  return Wait::kSend;
}

void Connection::Abandon(Context& context) {
  Consume(context, in_.size());
  if (state_ == State::kReply || state_ == State::kAck) context.stats.broken_transfers.Add(1);
}

Wait Connection::Step(Context& context) {
  switch (state_) {
    case State::kHandshake: return Handshake();
    case State::kRequest: return ReadRequest(context);
    case State::kReply: return SendReply(context);
    case State::kAck: return AwaitAck(context);
    case State::kLinger: return Linger(context);
  }
  return Wait::kEnd;
}

Wait Connection::Handshake() {
  switch (transport_.Handshake()) {
    case Io::kDone: state_ = State::kRequest; return Wait::kTurn;
    case Io::kAgain: return Wait::kRequest;
    case Io::kClosed: return Wait::kEnd;
  }
  return Wait::kEnd;
}

Wait Connection::ReadRequest(Context& context) {
  RequestHead head;
  const ParsedHead parsed = in_.empty() ? ParsedHead{} : ParseHead(in_, context.options.max_header_bytes, head);
  if (parsed.error != 0) {
    Refuse(context, parsed.error);
  } else if (parsed.size == 0) {
    return Fill(context, parsed);
  } else if (head.content_length > context.options.max_body_bytes) {
    Refuse(context, 413);
  } else if (in_.size() - parsed.size >= head.content_length) {
    Answer(context, head, std::string_view(in_).substr(parsed.size, head.content_length));
    Consume(context, parsed.size + head.content_length);
  } else if (head.expects_continue && !head.http10 && !continued_) {
    return Continue();
  } else {
    return Fill(context, parsed);
  }
  return Wait::kTurn;
}

Wait Connection::Fill(Context& context, const ParsedHead& parsed) {
  if (!readable_) return Wait::kRequest;
  if (context.buffered > kMaxBuffered) {
    Refuse(context, 503);
    return Wait::kTurn;
  }
  const size_t room = parsed.size == 0 ? context.options.max_header_bytes : context.scratch.size();
  const size_t wanted = std::min(context.scratch.size(), room);
  const IoResult read = transport_.Read(context.scratch.data(), wanted);
  if (read.io == Io::kClosed) return Wait::kEnd;
  // A plain socket that gave less than was asked for is empty; if the peer has ended, that is still to
  // be read.
  readable_ = read.io == Io::kDone && (transport_.encrypted() || read.bytes == wanted || peer_done_);
  if (read.io == Io::kAgain) return Wait::kRequest;
  in_.append(context.scratch, 0, read.bytes);
  context.buffered += read.bytes;
  return Wait::kTurn;
}

// RFC 9110 §10.1.1. A peer whose socket has no room for 25 bytes at this point reads nothing at all.
Wait Connection::Continue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  continued_ = true;
  const IoResult written = transport_.Write(kContinue, {}, false);
  return written.bytes == kContinue.size() ? Wait::kTurn : Wait::kEnd;
}

void Connection::Answer(Context& context, const RequestHead& head, std::string_view body) {
  const std::optional<std::string> path = PathOf(head.target);
  if (!path) {
    Prepare(context, TextReply(400, "this request target is not served"), head);
    return;
  }
  Request request;
  request.method = head.method;
  request.path = *path;
  request.bearer = BearerOf(head.authorization);
  request.body = body;
  request.client_ip = client_.ip;
  request.encrypted = transport_.encrypted();
  Prepare(context, context.handler(request), head);
}

void Connection::Refuse(Context& context, int status) {
  RequestHead head;
  head.keep_alive = false;
  input_is_void_ = true;
  Reply reply = TextReply(status, "this request is malformed, too large or not served");
  if (status == 405) reply.headers.emplace_back("Allow", "GET, HEAD, POST");
  Prepare(context, std::move(reply), head);
}

void Connection::Prepare(Context& context, Reply reply, const RequestHead& head) {
  state_ = State::kReply;
  head_.clear();
  head_sent_ = 0;
  expires_.reset();
  keep_alive_ = head.keep_alive;
  with_body_ = head.method != Method::kHead;
  if (std::holds_alternative<core::FileContent>(reply.content)) return PrepareFile(context, reply, head);
  auto& bytes = std::get<core::BytesContent>(reply.content);
  on_end_ = std::move(bytes.on_end);
  if (bytes.time_limit) expires_ = context.now + *bytes.time_limit;
  const std::string type = reply.status == 204 ? "" : "Content-Type: " + bytes.content_type + "\r\n";
  AppendHead(head_, {reply.status, bytes.bytes.size(), context.date, type, &reply.headers, head.http10, keep_alive_});
  context.stats.replies[static_cast<size_t>(reply.status) % context.stats.replies.size()].Add(1);
  rest_ = {0, with_body_ ? bytes.bytes.size() : 0};
  body_ = std::move(bytes.bytes);
}

void Connection::PrepareFile(Context& context, Reply& reply, const RequestHead& head) {
  auto& file = std::get<core::FileContent>(reply.content);
  firesteel::Result<FilePtr> opened = context.files.Open(file.path, context.now);
  if (!opened.ok()) {
    const bool absent = opened.error().code == firesteel::Code::kNotFound;
    on_end_ = std::move(file.on_end);
    if (on_end_) std::exchange(on_end_, nullptr)(false);
    return Prepare(context, absent ? TextReply(404, "this file is not there") : TextReply(503, "this file cannot be read now"), head);
  }
  on_end_ = std::move(file.on_end);
  const Validators validators = (*opened)->validators();
  const FileAnswer answer =
      AnswerFile({head.range, head.if_range, head.if_none_match, head.if_modified_since}, validators);
  const std::string fields = (*opened)->fields() + ContentRangeField(answer, validators.size);
  AppendHead(head_, {answer.status, answer.range.count, context.date, fields, &reply.headers, head.http10, keep_alive_});
  context.stats.replies[static_cast<size_t>(answer.status)].Add(1);
  rest_ = with_body_ ? answer.range : ByteRange{};
  body_ = std::move(*opened);
}

std::string_view Connection::BodyInMemory() const {
  if (const auto* bytes = std::get_if<std::string>(&body_)) return std::string_view(*bytes).substr(rest_.first, rest_.count);
  const FilePtr& file = std::get<FilePtr>(body_);
  if (file == nullptr || !file->in_memory()) return {};
  return std::string_view(file->bytes()).substr(rest_.first, rest_.count);
}

IoResult Connection::SendSome(Context& context) {
  const std::string_view head = std::string_view(head_).substr(head_sent_);
  const std::string_view body = BodyInMemory();
  if (head.empty() && body.empty()) {
    const FilePtr& file = std::get<FilePtr>(body_);
    // A file that was written to while it was sent must not look whole, so the reply ends before its end.
    if (rest_.count <= kBytesPerCall && !file->IsUntouched()) return {Io::kClosed, 0};
    return transport_.SendFile({file->fd(), rest_.first, std::min(rest_.count, kBytesPerCall)}, context.scratch.data(),
                               context.scratch.size());
  }
  IoResult written = transport_.Write(head, body, rest_.count > body.size());
  const size_t of_head = std::min(written.bytes, head.size());
  head_sent_ += of_head;
  sent_ += of_head;
  written.bytes -= of_head;
  return written;
}

Wait Connection::SendReply(Context& context) {
  if (Expired(context)) return Wait::kEnd;
  if (head_sent_ == head_.size() && rest_.count == 0) {
    if (!on_end_ || !with_body_) return Next(context, /*complete=*/false);
    state_ = State::kAck;
    give_up_ = context.now + context.options.send_timeout;
    return Wait::kTurn;
  }
  const IoResult sent = SendSome(context);
  if (sent.io == Io::kClosed) return Wait::kEnd;
  if (sent.io == Io::kAgain) return Wait::kSend;
  rest_.first += sent.bytes;
  rest_.count -= sent.bytes;
  sent_ += sent.bytes;
  context.stats.body_bytes.Add(sent.bytes);
  ++progress_;
  return Wait::kTurn;
}

Wait Connection::AwaitAck(Context& context) {
  const int64_t waiting = transport_.Unacknowledged();
  if (waiting < 0) return Wait::kEnd;
  if (waiting == 0) return Next(context, /*complete=*/true);
  if (Expired(context)) return Wait::kEnd;
  if (const int64_t acknowledged = static_cast<int64_t>(sent_) - waiting; acknowledged > acknowledged_at_check_) {
    acknowledged_at_check_ = acknowledged;
    give_up_ = context.now + context.options.send_timeout;
  }
  return context.now < give_up_ ? Wait::kAck : Wait::kEnd;
}

// The reply is over.
Wait Connection::Next(Context& context, bool complete) {
  if (on_end_) std::exchange(on_end_, nullptr)(complete);
  body_ = std::string();
  ++progress_;
  continued_ = false;
  state_ = State::kRequest;
  if (keep_alive_) return Wait::kTurn;
  transport_.Finish();
  // Closing a socket that has input makes its TCP take back what was sent.
  if (!input_is_void_ && in_.empty() && !readable_) return Wait::kEnd;
  Consume(context, in_.size());
  rest_ = {0, kMaxLinger};
  state_ = State::kLinger;
  return Wait::kTurn;
}

Wait Connection::Linger(Context& context) {
  if (!readable_) return Wait::kLinger;
  const IoResult read = transport_.Read(context.scratch.data(), context.scratch.size());
  if (read.io == Io::kAgain) readable_ = false;
  if (read.io == Io::kClosed || read.bytes >= rest_.count) return Wait::kEnd;
  rest_.count -= read.bytes;
  return Wait::kTurn;
}

void Connection::Consume(Context& context, size_t bytes) {
  context.buffered -= bytes;
  in_.erase(0, bytes);
  if (in_.empty() && in_.capacity() > 4096) in_.shrink_to_fit();
}

}  // namespace bootd::http
