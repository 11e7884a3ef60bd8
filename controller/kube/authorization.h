// The Authorization header of a ConnectionConfig's token.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "controller/kube/connection.h"

namespace firesteel::kube {

// Thread-safe. Its value is a secret.
class Authorization {
 public:
  explicit Authorization(const ConnectionConfig& config) : token_(config.token), file_(config.token_file) {}
  std::string Header();  // "Bearer …", "" = none

 private:
  std::mutex mutex_;
  std::string token_;       // guarded by mutex_
  const std::string file_;  // "" = none
  std::chrono::steady_clock::time_point read_;  // guarded by mutex_
};

}  // namespace firesteel::kube
