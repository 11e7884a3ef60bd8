#include "controller/reconcile/etcd_access.h"

#include <algorithm>

#include "controller/pki/certificates.h"

namespace firesteel::reconcile {
namespace {

using kube::EtcdMember;

constexpr std::chrono::seconds kTimeout{5};

// The first endpoint's answer that can be read, else the last Error.
template <typename T>
Result<T> AskAny(const std::vector<std::string>& endpoints, const EtcdDial& dial,
                 const std::function<Result<T>(kube::HttpClient&)>& ask) {
  Error error = Unavailable("no other control plane's address is known");
  for (const std::string& url : endpoints) {
    Result<T> answer = ask(*dial(url));
    if (answer.ok()) return answer;
    error = answer.error();
  }
  return error;
}

// "https://10.0.0.12:2380" → "10.0.0.12", "https://[fd00::1]:2380" → "fd00::1".
std::string HostOf(const std::string& url) {
  const size_t begin = url.find("://");
  const size_t end = url.rfind(':');
  if (begin == std::string::npos || end <= begin + 2) return "";
  std::string host = url.substr(begin + 3, end - begin - 3);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return host;
}

bool IsMemberOf(const EtcdMember& member, const EtcdQuestion& question) {
  if (!member.name.empty()) return member.name == question.name;
  return std::any_of(member.peer_urls.begin(), member.peer_urls.end(), [&](const std::string& url) {
    return std::find(question.addresses.begin(), question.addresses.end(), HostOf(url)) != question.addresses.end();
  });
}

Result<std::vector<EtcdMember>> ListMembers(const std::vector<std::string>& endpoints, const EtcdDial& dial,
                                            kube::EtcdRead read) {
  return AskAny<std::vector<EtcdMember>>(endpoints, dial,
                                         [&](kube::HttpClient& client) -> Result<std::vector<EtcdMember>> {
                                           const Result<kube::HttpResponse> response =
                                               client.Send(kube::EtcdListMembersRequest(read));
                                           if (!response.ok()) return response.error();
                                           return kube::ReadEtcdMembers(*response);
                                         });
}

bool IsHealthy(const EtcdMember& member, const EtcdDial& dial) {
  for (const std::string& url : member.client_urls) {
    const Result<kube::HttpResponse> health = dial(url)->Send(kube::EtcdHealthRequest());
    if (health.ok() && kube::ReadEtcdHealth(*health)) return true;
  }
  return false;
}

}  // namespace

Result<EtcdDial> NewEtcdDial(const plan::CertificateAuthority& etcd_ca, WallTime now) {
  pki::LeafRequest request;
  request.common_name = "firesteel";
  request.validity = std::chrono::hours(24);
  const Result<pki::KeyPair> leaf = pki::IssueLeaf({etcd_ca.certificate, etcd_ca.key}, request, now);
  if (!leaf.ok()) return leaf.error();
  kube::ConnectionConfig config;
  config.ca = etcd_ca.certificate;
  config.client_cert = leaf->certificate;
  config.client_key = leaf->key;
  return EtcdDial([config](const std::string& url) {
    kube::ConnectionConfig of_member = config;
    of_member.server = url;
    return kube::NewHttpClient(std::move(of_member), kTimeout);
  });
}

std::string EtcdUrl(const std::string& ip) {
  const bool v6 = ip.find(':') != std::string::npos;
  return "https://" + (v6 ? "[" + ip + "]" : ip) + ":2379";
}

plan::EtcdView AskEtcd(const EtcdQuestion& question, const EtcdDial& dial) {
  Result<std::vector<EtcdMember>> members = ListMembers(question.endpoints, dial, kube::EtcdRead::kLinearizable);
  const bool agreed = members.ok();
  // Without a quorum one member's word is enough to say how many are missing.
  if (!agreed) members = ListMembers(question.endpoints, dial, kube::EtcdRead::kLocal);
  plan::EtcdView view;
  if (!members.ok()) {
    view.error = members.error().message;
    return view;
  }
  for (const EtcdMember& member : *members) {
    const bool own = IsMemberOf(member, question);
    const bool healthy = IsHealthy(member, dial);
    if (!member.learner) ++view.voters;
    if (own) view.member_id = member.id;
    if (own) view.member_healthy = healthy;
    if (!own && !member.learner && healthy) ++view.healthy_others;
  }
  const bool quorum = view.healthy_others >= view.voters / 2 + 1;
  if (!agreed && quorum) view.error = "its members do not agree yet";  // an election, or one was cut off
  return view;
}

Status RemoveEtcdMember(const std::vector<std::string>& endpoints, const std::string& id, const EtcdDial& dial) {
  const Result<bool> removed = AskAny<bool>(endpoints, dial, [&](kube::HttpClient& client) -> Result<bool> {
    const Result<kube::HttpResponse> response = client.Send(kube::EtcdRemoveMemberRequest(id));
    if (!response.ok()) return response.error();
    const Status done = kube::ReadEtcdRemoval(*response);
    if (!done.ok() && done.error().code != Code::kNotFound) return done.error();
    return true;
  });
  if (!removed.ok()) return removed.error();
  return {};
}

}  // namespace firesteel::reconcile
