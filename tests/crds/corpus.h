// Values of fields that kubeadm, kube-apiserver or the API of the made cluster judge in the end: good ones, nearly good
// ones and hostile ones, the same every time.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace firesteel::test {

struct CorpusField {
  std::string name;
  std::vector<std::string> values;  // at least 500
  // Puts a value into a Cluster and its only host, a control plane with the address 192.0.2.11.
  void (*set)(nlohmann::json& cluster, nlohmann::json& host, const std::string& value);
};

std::vector<CorpusField> CorpusFields();

// Why we refuse a value that the real programs take, by what we say against it; nullptr = there is no reason.
const char* ReasonToRefuse(const std::string& field, const std::string& value, const std::string& objections);

nlohmann::json MinimalCluster();
nlohmann::json MinimalHost();

}  // namespace firesteel::test
