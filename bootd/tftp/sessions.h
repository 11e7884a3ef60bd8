// The transfers that run. RFC 1350 tells them apart by two transfer ids: the client's address with its port, and the
// server's port. Not thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bootd/tftp/shared_files.h"
#include "bootd/tftp/transfer.h"

namespace bootd::tftp {

// What a transfer sends: an open file or bytes.
struct Content {
  std::shared_ptr<const OpenFile> file;
  std::shared_ptr<const std::string> bytes;
  std::unique_ptr<ReadAhead> ahead;  // of a file that is not mapped, where there is memory for it
  std::function<void(bool complete)> on_end;

  uint64_t size() const { return file != nullptr ? file->size() : bytes->size(); }
};

struct Session {
  uint64_t id = 0;   // never used twice
  size_t port = 0;   // index of the server's socket
  Endpoint peer;
  Endpoint local;    // known() = the address that the client used
  ReadRequest request;
  Transfer transfer;
  Content content;
  firesteel::MonotonicTime armed_at;  // when its entry of the timer wheel comes up
};

class Sessions {
 public:
  explicit Sessions(uint64_t seed);

  // Pointers stay valid until Remove(). nullptr = none.
  Session* Find(size_t port, const Endpoint& peer);
  Session* Find(uint64_t id);
  Session* Latest(const Endpoint& peer);  // the one that this client's port began last
  Session* Any() { return by_tids_.empty() ? nullptr : &by_tids_.begin()->second; }
  size_t size() const { return by_tids_.size(); }

  Session& Add(Session session);  // its id is set here
  Session Remove(uint64_t id);    // which exists

 private:
  struct Tids {
    size_t port = 0;
    Endpoint peer;
    bool operator==(const Tids&) const = default;
  };
  struct TidsHash {
    EndpointHash hash;
    size_t operator()(const Tids& tids) const { return hash(tids.peer) + tids.port; }
  };

  std::unordered_map<Tids, Session, TidsHash> by_tids_;
  std::vector<Session*> slots_;  // into by_tids_; an id's lower half is an index
  std::vector<uint32_t> free_;
  uint64_t next_ = 1;            // upper half of ids
  std::unordered_map<Endpoint, uint64_t, EndpointHash> latest_;
};

}  // namespace bootd::tftp
