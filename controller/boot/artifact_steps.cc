#include "controller/boot/artifact_steps.h"

namespace firesteel::boot {

bool ArtifactSteps::IsNews(const std::string& target, const contract::ArtifactStatus& status) {
  const bool downloading = status.state == contract::ArtifactState::kDownloading && status.bytes_total != 0;
  const uint64_t tenth = downloading ? status.bytes_done * 10 / status.bytes_total : 0;
  std::lock_guard lock(mutex_);
  const auto [it, fresh] = seen_.try_emplace({target, status.name}, tenth);
  return std::exchange(it->second, tenth) != tenth || fresh || !downloading;
}

}  // namespace firesteel::boot
