#include "controller/reconcile/etcd_access.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "controller/kube/etcd.h"
#include "controller/pki/certificates.h"

namespace firesteel::reconcile {
namespace {

using kube::EtcdMember;

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

using Members = std::vector<EtcdMember>;

Result<Members> ReadMembers(EtcdLook& look, const std::string& url, kube::EtcdRead read) {
  const Result<kube::HttpResponse> response = look.Ask(url, kube::EtcdListMembersRequest(read));
  return response.ok() ? kube::ReadEtcdMembers(*response) : Result<Members>(response.error());
}

struct MemberList {
  Members members;
  bool agreed = false;  // a quorum says so
};

// What a quorum agrees on, else the word of one member: without a quorum that is enough to say how many are missing. What
// a member believes is asked first: one that is cut off then lets only one question wait.
Result<MemberList> ListMembers(const std::vector<std::string>& endpoints, EtcdLook& look) {
  std::optional<MemberList> word;
  Error error = Unavailable("no other control plane's address is known");
  for (const std::string& url : endpoints) {
    Result<Members> believed = ReadMembers(look, url, kube::EtcdRead::kLocal);
    if (!believed.ok()) {
      error = believed.error();
      continue;
    }
    Result<Members> agreed = ReadMembers(look, url, kube::EtcdRead::kLinearizable);
    if (agreed.ok()) return MemberList{std::move(*agreed), true};
    if (!word) word = MemberList{std::move(*believed), false};
  }
  return word ? Result<MemberList>(std::move(*word)) : Result<MemberList>(std::move(error));
}

// The host's own member is always asked: it is removed where it does not answer, and must not be because it did not
// answer a while ago.
bool IsHealthy(const EtcdMember& member, bool own, EtcdLook& look) {
  const kube::HttpRequest question = kube::EtcdHealthRequest();
  return std::any_of(member.client_urls.begin(), member.client_urls.end(), [&](const std::string& url) {
    const Result<kube::HttpResponse> health = own ? look.AskAnyway(url, question) : look.Ask(url, question);
    return health.ok() && kube::ReadEtcdHealth(*health);
  });
}

void CountMember(const EtcdMember& member, bool own, bool healthy, plan::EtcdView& view) {
  if (!member.learner) ++view.voters;
  if (own) view.member_id = member.id;
  if (own) view.member_healthy = healthy;
  if (!own && !member.learner && healthy) ++view.healthy_others;
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
  return EtcdDial([config](const std::string& url, std::chrono::milliseconds timeout) {
    kube::ConnectionConfig of_member = config;
    of_member.server = url;
    return kube::NewHttpClient(of_member, timeout);
  });
}

std::string EtcdUrl(const std::string& ip) {
  const bool v6 = ip.find(':') != std::string::npos;
  return "https://" + (v6 ? "[" + ip + "]" : ip) + ":2379";
}

plan::EtcdView AskEtcd(const EtcdQuestion& question, const EtcdDial& dial, EtcdBackoffs& backoffs) {
  EtcdLook look(dial, backoffs);
  const Result<MemberList> list = ListMembers(question.endpoints, look);
  plan::EtcdView view;
  if (!list.ok()) {
    view.error = list.error().message;
    return view;
  }
  for (const EtcdMember& member : list->members) {
    const bool own = IsMemberOf(member, question);
    CountMember(member, own, IsHealthy(member, own, look), view);
  }
  const bool quorum = view.healthy_others >= view.voters / 2 + 1;
  if (!list->agreed && quorum) view.error = "its members do not agree yet";  // an election, or one was cut off
  if (look.ran_out()) view.error = "some of its members take too long to answer; the next look leaves them out";
  return view;
}

Status RemoveEtcdMember(const std::vector<std::string>& endpoints, const std::string& id, const EtcdDial& dial, EtcdBackoffs& backoffs) {
  EtcdLook look(dial, backoffs);
  Status removed = Unavailable("no other control plane's address is known");
  for (const std::string& url : endpoints) {
    const Result<kube::HttpResponse> response = look.Ask(url, kube::EtcdRemoveMemberRequest(id));
    removed = response.ok() ? kube::ReadEtcdRemoval(*response) : Status(response.error());
    if (removed.ok() || removed.error().code == Code::kNotFound) return {};
  }
  return removed;
}

}  // namespace firesteel::reconcile
