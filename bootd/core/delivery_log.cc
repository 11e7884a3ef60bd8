#include "bootd/core/delivery_log.h"

#include <filesystem>
#include <utility>

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
    log->found_.insert(it->path().filename().string());
  }
  log->earlier_ = log->found_;
  if (error) return firesteel::Internal("cannot use " + dir + ": " + error.message());
  return log;
}

bool DeliveryLog::Contains(const std::string& boot_id) const {
  std::lock_guard lock(mutex_);
  return boot_ids_.count(boot_id) != 0 || (!found_.empty() && found_.count(HashOf(boot_id)) != 0);
}

firesteel::Status DeliveryLog::Add(const std::string& boot_id) {
  std::lock_guard lock(mutex_);
  const std::string hash = HashOf(boot_id);
  if (!boot_ids_.insert(boot_id).second || found_.count(hash) != 0 || dir_.empty()) return {};
  return firesteel::WriteFileAtomically(dir_ + "/" + hash, "", 0600);
}

bool DeliveryLog::TakeEarlier(const std::string& boot_id) {
  std::lock_guard lock(mutex_);
  return !earlier_.empty() && earlier_.erase(HashOf(boot_id)) != 0;
}

void DeliveryLog::KeepOnly(const std::set<std::string>& boot_ids) {
  std::lock_guard lock(mutex_);
  for (const std::string& boot_id : boot_ids) {
    if (found_.empty()) break;
    if (found_.erase(HashOf(boot_id)) != 0) boot_ids_.insert(boot_id);
  }
  for (const std::string& hash : std::exchange(found_, {})) Forget(hash);
  std::erase_if(boot_ids_, [&](const std::string& boot_id) {
    if (boot_ids.count(boot_id) != 0) return false;
    Forget(HashOf(boot_id));
    return true;
  });
}

void DeliveryLog::Forget(const std::string& hash) const {
  std::error_code ignored;  // a file too many only costs a byte of memory at the next start
  if (!dir_.empty()) fs::remove(dir_ + "/" + hash, ignored);
}

}  // namespace bootd::core
