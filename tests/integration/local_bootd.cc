#include "tests/integration/local_bootd.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/crypto.h"
#include "proto/convert.h"
#include "proto/limits.h"

namespace firesteel::test {
namespace {

namespace pb = contract::pb;

::bootd::core::BytesContent Bytes(std::string text) { return {.bytes = std::move(text), .on_end = {}}; }

// Every file holds its own path; beside it are its digests.
::bootd::http::Reply Serve(const ::bootd::http::Request& request) {
  std::string path(request.path);
  const std::string suffix = ".DIGESTS";
  ::bootd::http::Reply reply;
  if (path.size() > suffix.size() && path.compare(path.size() - suffix.size(), suffix.size(), suffix) == 0) {
    path.resize(path.size() - suffix.size());
    reply.content = Bytes("# SHA512 HASH\n" + Sha512Hex(path) + "  " + path.substr(path.rfind('/') + 1) + "\n");
  } else {
    reply.content = Bytes(path);
  }
  return reply;
}

template <typename Entries, typename Artifacts>
void Fill(const boot::Update& update, Entries& entries, Artifacts& artifacts) {
  for (const boot::EntryPtr& entry : update.upsert_entries) entries.Add()->ParseFromString(entry->message);
  for (const contract::Artifact& artifact : update.upsert_artifacts) *artifacts.Add() = contract::ToProto(artifact);
}

}  // namespace

LocalBootd::LocalBootd() : dir_(testing::TempDir() + "firesteel-local-bootd-" + RandomHex(4)), desired_(contract::kChunkBytes) {
  origin_ = std::move(*::bootd::http::Server::Start({.listen = {"127.0.0.1", 0}, .tls = {}}, Serve));
  deliveries_ = std::move(*::bootd::core::DeliveryLog::Open(""));
  installs_ = std::move(*::bootd::core::InstallLog::Open(""));
  Start();
}

LocalBootd::~LocalBootd() {
  mirror_.reset();
  std::filesystem::remove_all(dir_);
}

std::string LocalBootd::origin() const { return "http://127.0.0.1:" + std::to_string(origin_->port()) + "/"; }

void LocalBootd::Start() {
  table_ = std::make_unique<::bootd::core::BootTable>();
  events_ = std::make_unique<::bootd::core::EventLog>();
  mirror_.reset();
  mirror_ = std::move(*::bootd::artifacts::Mirror::Open(dir_, [this](const auto&) { events_->Wake(); }));
  backend_ = std::make_unique<::bootd::rpc::CoreBackend>(
      ::bootd::rpc::Core{*table_, *events_, *deliveries_, *installs_, *mirror_, metrics_, SystemClock()},
      contract::BootdInfo{"instance", "http://b", "https://b", "1"});
  applier_ = std::make_unique<::bootd::rpc::Applier>(*backend_);
  Tell(desired_.TakeSnapshot());
}

void LocalBootd::Restart() { Start(); }

void LocalBootd::AwaitFiles() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    bool ready = true;
    std::string last;
    for (const contract::ArtifactStatus& status : Artifacts()) {
      if (status.state == contract::ArtifactState::kReady) continue;
      ready = false;
      last = status.name + " " + status.error;
    }
    if (ready) return;
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << last;
    backend_->WaitForNews(UINT64_MAX, std::chrono::milliseconds(200));
  }
}

std::vector<boot::Endpoint> LocalBootd::Endpoints() const {
  return {{.target = "bootd", .instance_id = "instance", .http_base_url = "http://b", .https_base_url = "https://b", .connected = true, .refused = ""}};
}

Status LocalBootd::DeclareEntry(const std::string&, const contract::BootEntry& entry) {
  const pb::BootEntry message = contract::ToProto(entry);
  const Status acceptable = contract::Check(message);
  if (!acceptable.ok()) return acceptable;
  desired_.DeclareEntry(entry.id, {entry.mac, message.SerializeAsString()});
  Tell(desired_.TakeChanges());
  return {};
}

void LocalBootd::WithdrawEntry(const std::string& id) {
  desired_.WithdrawEntry(id);
  Tell(desired_.TakeChanges());
}

void LocalBootd::KeepEntry(const std::string& id) { desired_.KeepEntry(id); }

Status LocalBootd::DeclareArtifacts(const std::string& owner, std::vector<contract::Artifact> artifacts) {
  const Result<bool> different = owners_.Declare(owner, std::move(artifacts));
  if (!different.ok()) return different.error();
  desired_.SetArtifacts(owners_.Union());
  Tell(desired_.TakeChanges());
  return owners_.Judge(owner);
}

void LocalBootd::WithdrawArtifacts(const std::string& owner) {
  owners_.Withdraw(owner);
  desired_.SetArtifacts(owners_.Union());
  Tell(desired_.TakeChanges());
}

void LocalBootd::Tell(std::vector<boot::Update> updates) {
  for (const boot::Update& update : updates) {
    pb::Applied applied;
    if (update.kind == boot::Update::Kind::kSnapshot) {
      pb::Snapshot snapshot;
      snapshot.set_version(update.version);
      Fill(update, *snapshot.mutable_entries(), *snapshot.mutable_artifacts());
      snapshot.set_more(update.more);
      for (const std::string& id : update.keep_entries) snapshot.add_keep_entries(id);
      applied = applier_->Take(snapshot).value_or(pb::Applied());
    } else {
      pb::Delta delta;
      delta.set_version(update.version);
      Fill(update, *delta.mutable_upsert_entries(), *delta.mutable_upsert_artifacts());
      for (const std::string& id : update.remove_entries) delta.add_remove_entries(id);
      for (const std::string& name : update.remove_artifacts) delta.add_remove_artifacts(name);
      applied = applier_->Take(delta);
    }
    EXPECT_EQ(applied.error(), "");
  }
}

}  // namespace firesteel::test
