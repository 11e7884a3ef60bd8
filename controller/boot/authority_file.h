// The authority that signed bootd's certificate, as its file says now: machines are told to trust it, and it may be
// replaced while the controller runs.
#pragma once

#include <mutex>
#include <string>

namespace firesteel::boot {

// Thread-safe.
class AuthorityFile {
 public:
  // `pem` is what the file held when it was read first.
  AuthorityFile(std::string file, std::string pem);
  std::string Pem() const;
  // Reads the file. True = there is another authority now. A file that cannot be used is logged once, and the authority
  // stays.
  bool Refresh();

 private:
  const std::string file_;
  mutable std::mutex mutex_;
  std::string seen_;  // guarded by mutex_; content of the file when last read
  std::string pem_;   // guarded by mutex_
};

}  // namespace firesteel::boot
