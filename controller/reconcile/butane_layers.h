// A host's Butane configs: fetched, transpiled, and checked against the configuration that they are laid over.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "controller/butane/transpile.h"
#include "controller/kube/client.h"
#include "controller/plan/node/butane_texts.h"
#include "controller/plan/view.h"

namespace firesteel::reconcile {

// Does each step once: a text is transpiled once, however many hosts use it, and a host's layers are checked once for
// each version of the host, its Cluster and the texts. Thread-safe.
class ButaneReader {
 public:
  // Both outlive it.
  ButaneReader(kube::Client& client, const Clock& clock) : client_(client), clock_(clock) {}

  // Reads the ConfigMaps and Secrets that the host and its Cluster (which must be in view) name. An Error: the API
  // server did not say what they hold. Butane is given out with the machine's configuration: later changes take
  // effect with the next installation.
  Result<plan::ButaneLayers> Read(const plan::HostView& view);
  void Forget(const api::ObjectKey& host);

 private:
  using Fetched = std::shared_ptr<const Result<nlohmann::json>>;
  using Transpiled = std::shared_ptr<const butane::Transpiled>;
  struct Source {
    bool secret;
    api::ObjectKey key;
    auto operator<=>(const Source&) const = default;
  };
  struct Checked {
    std::string version;  // of all that was checked
    std::string invalid;  // as in plan::ButaneLayers
  };

  Result<std::string> TextOf(const std::string& ns, const plan::ButaneText& butane);
  Fetched Fetch(const Source& source);
  Transpiled Transpile(const std::string& text, const std::string& digest);
  std::string Check(const plan::HostView& view, const plan::ButaneLayers& layers, std::string version);

  kube::Client& client_;
  const Clock& clock_;
  std::mutex mutex_;  // guards all below
  std::map<Source, std::pair<MonotonicTime, Fetched>> fetched_;  // for a few seconds
  std::list<std::pair<std::string, Transpiled>> transpiled_;     // by the text's digest, the latest used first
  std::map<api::ObjectKey, Checked> checked_;                    // by host
};

}  // namespace firesteel::reconcile
