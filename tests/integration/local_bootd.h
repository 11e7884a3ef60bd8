// bootd in this process: the controller's desired state, bootd's core and its mirror are the real ones, only the stream
// between them is a function call. Files come from a server on loopback that has every file.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bootd/artifacts/mirror.h"
#include "bootd/core/boot_table.h"
#include "bootd/core/delivery_log.h"
#include "bootd/core/event_log.h"
#include "bootd/core/metrics.h"
#include "bootd/http/server.h"
#include "bootd/rpc/applier.h"
#include "bootd/rpc/core_backend.h"
#include "controller/boot/artifact_owners.h"
#include "controller/boot/client.h"
#include "controller/boot/desired_state.h"

namespace firesteel::test {

class LocalBootd : public boot::Client {
 public:
  LocalBootd();
  ~LocalBootd() override;

  std::string origin() const;                // URL below which every file is, with its DIGESTS
  void AwaitFiles();                         // until all that is declared is ready
  void Restart();                            // it forgets what it holds in memory, and is told everything again
  ::bootd::core::EntryPtr Find(const std::string& id) const { return table_->FindById(id); }
  ::bootd::core::EventLog& events() { return *events_; }

  std::vector<boot::Endpoint> Endpoints() const override;
  Status DeclareEntry(const std::string& target, const contract::BootEntry& entry) override;
  void WithdrawEntry(const std::string& id) override;
  void KeepEntry(const std::string& id) override;
  Status DeclareArtifacts(const std::string& owner, std::vector<contract::Artifact> artifacts) override;
  void WithdrawArtifacts(const std::string& owner) override;
  std::vector<contract::ArtifactStatus> Artifacts() const override { return backend_->ArtifactStatuses(); }
  void Acknowledge(const std::string&, uint64_t cursor) override { backend_->Acknowledge(cursor); }
  void MarkSynced(const std::string&) override {}

 private:
  void Start();
  void Tell(std::vector<boot::Update> updates);

  const std::string dir_;
  std::unique_ptr<::bootd::http::Server> origin_;
  boot::DesiredState desired_;
  boot::ArtifactOwners owners_;
  ::bootd::core::Metrics metrics_;
  std::unique_ptr<::bootd::core::DeliveryLog> deliveries_;
  std::unique_ptr<::bootd::core::InstallLog> installs_;
  std::unique_ptr<::bootd::core::BootTable> table_;
  std::unique_ptr<::bootd::core::EventLog> events_;
  std::unique_ptr<::bootd::artifacts::Mirror> mirror_;
  std::unique_ptr<::bootd::rpc::CoreBackend> backend_;
  std::unique_ptr<::bootd::rpc::Applier> applier_;
};

}  // namespace firesteel::test
