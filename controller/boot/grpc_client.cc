#include "controller/boot/grpc_client.h"

#include <algorithm>
#include <utility>

#include "controller/boot/artifact_owners.h"
#include "controller/boot/replica.h"
#include "proto/convert.h"
#include "proto/grpc_status.h"

namespace firesteel::boot {
namespace {

using contract::Artifact;
using contract::ArtifactStatus;
using contract::BootEntry;

class GrpcClient : public Client {
 public:
  GrpcClient(GrpcOptions options, Listener listener) : options_(std::move(options)), listener_(std::move(listener)) {
    contract::RouteGrpcLog();
    for (const std::string& target : options_.targets) {
      replicas_.push_back(std::make_unique<Replica>(target, options_, listener_));
    }
  }

  std::vector<Endpoint> Endpoints() const override {
    std::vector<Endpoint> endpoints;
    for (const auto& replica : replicas_) {
      Endpoint endpoint = replica->state().endpoint();
      if (!endpoint.instance_id.empty()) endpoints.push_back(std::move(endpoint));
    }
    return endpoints;
  }
  Status DeclareEntry(const std::string& target, const BootEntry& entry) override {
    const contract::pb::BootEntry message = contract::ToProto(entry);
    Entry declared{entry.mac, message.SerializeAsString()};
    Replica* replica = Find(target);
    if (replica && replica->state().Holds(entry.id, declared.message)) return {};  // as it mostly is, and was checked then
    Status acceptable = contract::Check(message);
    if (acceptable.ok() && replica) replica->state().DeclareEntry(entry.id, std::move(declared));
    return acceptable;
  }
  void WithdrawEntry(const std::string& id) override {
    for (const auto& replica : replicas_) replica->state().WithdrawEntry(id);
  }
  void KeepEntry(const std::string& id) override {
    for (const auto& replica : replicas_) replica->state().KeepEntry(id);
  }
  Status DeclareArtifacts(const std::string& owner, std::vector<Artifact> artifacts) override {
    for (const Artifact& artifact : artifacts) {
      const Result<Artifact> acceptable = contract::FromProto(contract::ToProto(artifact));
      if (!acceptable.ok()) return acceptable.error();
    }
    std::lock_guard lock(mutex_);
    const Result<bool> different = owners_.Declare(owner, std::move(artifacts));
    if (!different.ok()) return different.error();
    if (*different) Distribute();
    return owners_.Judge(owner);
  }
  void WithdrawArtifacts(const std::string& owner) override {
    std::lock_guard lock(mutex_);
    if (owners_.Withdraw(owner)) Distribute();
  }
  std::vector<ArtifactStatus> Artifacts() const override {
    std::vector<ArtifactStatus> all;
    for (const auto& replica : replicas_) replica->state().AppendArtifacts(all);
    return all;
  }
  void Acknowledge(const std::string& target, uint64_t cursor) override {
    if (Replica* replica = Find(target)) replica->state().Acknowledge(cursor);
  }
  void MarkSynced(const std::string& target) override {
    if (Replica* replica = Find(target)) replica->state().MarkSynced();
  }

 private:
  Replica* Find(const std::string& target) const {
    const auto it = std::find_if(replicas_.begin(), replicas_.end(),
                                 [&](const auto& replica) { return replica->target() == target; });
    return it == replicas_.end() ? nullptr : it->get();
  }
  // Only with mutex_ held.
  void Distribute() {
    const std::map<std::string, Artifact> all = owners_.Union();
    for (const auto& replica : replicas_) replica->state().SetArtifacts(all);
  }

  const GrpcOptions options_;
  const Listener listener_;
  std::mutex mutex_;
  ArtifactOwners owners_;                            // guarded by mutex_
  std::vector<std::unique_ptr<Replica>> replicas_;  // last: their threads use the above
};

}  // namespace

std::unique_ptr<Client> NewGrpcClient(GrpcOptions options, Listener listener) {
  return std::make_unique<GrpcClient>(std::move(options), std::move(listener));
}

}  // namespace firesteel::boot
