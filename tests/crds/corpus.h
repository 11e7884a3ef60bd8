// Values of fields that kubeadm, kube-apiserver or the API of the made cluster judge in the end: good ones, nearly good
// ones and hostile ones, the same every time.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace firesteel::test {

// Why a value is refused that the real programs take.
struct Exception {
  const char* pattern;  // RE2, of the value
  const char* reason;
};

struct CorpusField {
  std::string name;
  std::vector<std::string> values;  // at least 500
  // Puts a value into a Cluster and its only host, a control plane with the address 192.0.2.11.
  void (*set)(nlohmann::json& cluster, nlohmann::json& host, const std::string& value);
  std::vector<Exception> exceptions;
};

std::vector<CorpusField> CorpusFields();

nlohmann::json MinimalCluster();
nlohmann::json MinimalHost();

}  // namespace firesteel::test
