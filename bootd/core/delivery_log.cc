#include "bootd/core/delivery_log.h"

#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"

namespace bootd::core {
namespace {

namespace fs = std::filesystem;

std::string HashOf(const std::string& boot_id) { return firesteel::Sha256Hex("boot-id " + boot_id); }

}  // namespace

firesteel::Result<std::unique_ptr<DeliveryLog>> DeliveryLog::Open(const std::string& dir) {
  std::unique_ptr<DeliveryLog> log(new DeliveryLog(dir));
  if (dir.empty()) return log;
  std::error_code error;
  fs::create_directories(dir, error);
  for (fs::directory_iterator it(dir, error), end; !error && it != end; it.increment(error)) {
    log->hashes_.insert(it->path().filename().string());
  }
  log->earlier_ = log->hashes_;
  if (error) return firesteel::Internal("cannot use " + dir + ": " + error.message());
  return log;
}

bool DeliveryLog::Contains(const std::string& boot_id) const {
  std::lock_guard lock(mutex_);
  return hashes_.count(HashOf(boot_id)) != 0;
}

firesteel::Status DeliveryLog::Add(const std::string& boot_id) {
  const std::string hash = HashOf(boot_id);
  std::lock_guard lock(mutex_);
  if (!hashes_.insert(hash).second || dir_.empty()) return {};
  return firesteel::WriteFileAtomically(dir_ + "/" + hash, "", 0600);
}

bool DeliveryLog::TakeEarlier(const std::string& boot_id) {
  const std::string hash = HashOf(boot_id);
  std::lock_guard lock(mutex_);
  return earlier_.erase(hash) != 0;
}

void DeliveryLog::KeepOnly(const std::set<std::string>& boot_ids) {
  std::set<std::string> keep;
  for (const std::string& boot_id : boot_ids) keep.insert(HashOf(boot_id));
  std::lock_guard lock(mutex_);
  std::erase_if(hashes_, [&](const std::string& hash) {
    if (keep.count(hash) != 0) return false;
    std::error_code ignored;  // a file too many only costs a byte of memory at the next start
    if (!dir_.empty()) fs::remove(dir_ + "/" + hash, ignored);
    return true;
  });
}

}  // namespace bootd::core
