// etcd's members, over its gRPC gateway: https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
// Requests and answers as values; HttpClient carries them.
#pragma once

#include <string>
#include <vector>

#include "controller/kube/http_client.h"

namespace firesteel::kube {

struct EtcdMember {
  std::string id;    // decimal; 64 bits, so never a JSON number
  std::string name;  // "" until it has started for the first time
  std::vector<std::string> peer_urls;
  std::vector<std::string> client_urls;
  bool learner = false;  // does not vote
  bool operator==(const EtcdMember&) const = default;
};

// kLinearizable: what a quorum agrees on. kLocal: what the asked member believes, even without a quorum.
enum class EtcdRead { kLinearizable, kLocal };
HttpRequest EtcdListMembersRequest(EtcdRead read);
HttpRequest EtcdRemoveMemberRequest(const std::string& id);
// Whether this member itself works, whatever the others do.
HttpRequest EtcdHealthRequest();

Result<std::vector<EtcdMember>> ReadEtcdMembers(const HttpResponse& response);
// The Error is etcd's own, for example that the removal would cost it its quorum.
Status ReadEtcdRemoval(const HttpResponse& response);
bool ReadEtcdHealth(const HttpResponse& response);

}  // namespace firesteel::kube
