#include "tests/crds/corpus.h"

#include <re2/re2.h>

#include <algorithm>
#include <random>
#include <set>

namespace firesteel::test {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

constexpr size_t kValues = 520;

// What slips in where people write: other notations, blanks, letters that look alike, ends of lines, code.
const Words kJunk = {"",   " ",  "\n", "\t", ".",   "..", "-",  "--", "_",    "/",  "//", ":",  "::", ",",   "*",  "%",  "@",   "'",   "\"", "$(x)",
                     "A",  "z",  "0",  "9",  "256", "ä",  "Ω",  "ⅷ",  "\u200b", "\\", "{}", "[]", "#",  "&", "?a", "=b", "\x7f", "\x01", "xn--"};

class Maker {
 public:
  explicit Maker(unsigned seed) : random_(seed) {}

  size_t Below(size_t limit) { return random_() % limit; }
  const std::string& Any(const Words& words) { return words[Below(words.size())]; }

  // One of `good`, changed in up to three places by `pieces` and by junk.
  std::string Mutant(const Words& good, const Words& pieces) {
    std::string value = Any(good);
    for (size_t edits = Below(4); edits > 0; --edits) {
      const std::string& piece = Below(3) == 0 ? Any(kJunk) : Any(pieces);
      const size_t at = Below(value.size() + 1);
      switch (Below(5)) {
        case 0: value.insert(at, piece); break;
        case 1: value.replace(at, piece.size(), piece); break;
        case 2: value.erase(at, 1 + Below(3)); break;
        case 3: value += piece; break;
        default: value = piece + value;
      }
    }
    return value;
  }

  std::string Address(bool v6) {
    static const Words v4 = {"10.", "172.16.", "192.168.", "100.64.", "127.0.", "169.254.", "224.0.", "0.0.", "255.255.", "192.0.2."};
    static const Words v6s = {"fd00:10::", "2001:db8::", "fe80::", "ff02::", "::", "::ffff:10.0.0.", "fec0::", "fd00:0:0:1::"};
    if (v6) return Any(v6s) + std::to_string(Below(300));
    std::string address = Any(v4);
    while (std::count(address.begin(), address.end(), '.') < 3) address += std::to_string(Below(256)) + ".";
    return (address.back() == '.' ? address : address + ".") + std::to_string(Below(256));
  }

  std::string Network() {
    const bool v6 = Below(2) == 0;
    const size_t bits = v6 ? 128 : 32;
    // Half of them near the limits of kubeadm.
    static const size_t edges4[] = {7, 8, 9, 11, 12, 13, 23, 24, 25, 27, 28, 29};
    static const size_t edges6[] = {47, 48, 49, 56, 63, 64, 65, 107, 108, 109, 112, 124, 125};
    const size_t length = Below(2) == 0 ? Below(bits + 3) : v6 ? edges6[Below(13)] : edges4[Below(12)];
    return Address(v6) + "/" + std::to_string(length);
  }

 private:
  std::mt19937 random_;
};

// kValues different ones, without bytes that JSON cannot carry.
template <typename Make>
Words Distinct(Make make) {
  std::set<std::string> seen;
  Words values;
  while (values.size() < kValues) {
    std::string value = make();
    if (json(value).dump(-1, ' ', false, json::error_handler_t::replace) == json(value).dump(-1, ' ', false, json::error_handler_t::ignore) &&
        seen.insert(value).second) {
      values.push_back(std::move(value));
    }
  }
  return values;
}

Words Mutants(unsigned seed, const Words& good, const Words& pieces) {
  Maker maker(seed);
  return Distinct([&] { return maker.Mutant(good, pieces); });
}

Words Networks(unsigned seed, const Words& good) {
  Maker maker(seed);
  return Distinct([&]() -> std::string {
    switch (maker.Below(4)) {
      case 0: return maker.Mutant(good, {",", "/24", "/12", "/64", "/108", "fd00::/112", ",10.244.0.0/16", ",fd00:10:244::/56"});
      case 1: return maker.Network() + "," + maker.Network();
      default: return maker.Network();
    }
  });
}

Words Hosts(unsigned seed) {
  Maker maker(seed);
  const Words good = {"10.0.0.11", "192.168.1.1", "fd00::11", "2001:db8::1", "api.example.com", "k8s", "a.b.c.d.e", "1a", "x-y.example", "a1"};
  return Distinct([&]() -> std::string {
    if (maker.Below(4) == 0) return maker.Address(maker.Below(2) == 0);
    return maker.Mutant(good, {".", "example", "API", ".COM", "-", "10.0.0.256", "[fd00::1]", ":6443", "%eth0", "https://", std::string(64, 'a'), std::string(200, 'b') + "."});
  });
}

const Words kLabelish = {"zone", "rack1", "example.com/zone", "a", "topology.kubernetes.io/zone", "node-role.kubernetes.io/worker", "A_b-c.d", std::string(63, 'a'),
                         std::string(64, 'b'), std::string(253, 'c') + "/x", std::string(254, 'd') + "/x", "kubernetes.io/hostname", "a.b-c.d/e_f"};
const Words kLabelPieces = {"/", ".", "-", "_", "a", "Z", "example.com/", "kubernetes.io/", std::string(60, 'x')};

const Words kFlags = {"event-ttl", "v", "feature-gates", "profiling", "bind-address", "oidc-issuer-url", "audit-log-path", "goaway-chance"};

void SetNested(json& object, std::initializer_list<const char*> path, json value) {
  json* at = &object["spec"];
  for (const char* key : path) at = &(*at)[key];
  *at = std::move(value);
}

// The host's address must be of the first family of the services, or kube-apiserver refuses.
void SetServices(json& cluster, json& host, const std::string& value) {
  const bool v6 = value.find(':') < value.find(',');
  SetNested(cluster, {"clusterNetwork", "services"}, value);
  SetNested(cluster, {"clusterNetwork", "pods"}, v6 ? "fd00:77:1::/56,10.77.0.0/16" : "10.77.0.0/16,fd00:77:1::/56");
  if (v6) host["spec"]["network"]["interfaces"][0]["addresses"] = {"2001:db8:77::11/64"};
}

void SetPods(json& cluster, json& host, const std::string& value) {
  const bool v6 = value.find(':') != std::string::npos && value.find(',') == std::string::npos;
  SetNested(cluster, {"clusterNetwork", "pods"}, value);
  SetNested(cluster, {"clusterNetwork", "services"}, v6 ? "fd00:77::/112" : "10.77.0.0/16");
  if (v6) host["spec"]["network"]["interfaces"][0]["addresses"] = {"2001:db8:77::11/64"};
}

json Argument(const std::string& name, const std::string& value) { return json::array({{{"name", name}, {"value", value}}}); }

// A taint or label goes to the Node, not through kubeadm.
json Taint(const std::string& key, const std::string& value) { return json::array({{{"key", key}, {"value", value}, {"effect", "NoSchedule"}}}); }

CorpusField Pods() {
  return {"clusterNetwork.pods", Networks(1, {"10.244.0.0/16", "10.42.0.0/16,fd00:10:42::/56", "fd00:10:244::/56", "10.0.0.0/8"}), SetPods};
}

CorpusField Services() {
  return {"clusterNetwork.services", Networks(2, {"10.96.0.0/12", "10.43.0.0/16,fd00:10:43::/112", "fd00:10:96::/112", "172.16.0.0/28"}), SetServices};
}

std::vector<CorpusField> ClusterFields() {
  return {
      Pods(),
      Services(),
      {"clusterNetwork.dnsDomain", Mutants(3, {"cluster.local", "k8s.example.com", "local", "a-b.c1"}, {".", "..", "-", "cluster", "Local", std::string(64, 'a'), std::string(190, 'b')}),
       [](json& cluster, json&, const std::string& value) { SetNested(cluster, {"clusterNetwork", "dnsDomain"}, value); }},
      {"controlPlaneEndpoint.host", Hosts(4),
       [](json& cluster, json&, const std::string& value) { SetNested(cluster, {"controlPlaneEndpoint", "host"}, value); }},
      {"kubeadm.imageRepository",
       Mutants(5, {"registry.k8s.io", "registry.example/k8s", "localhost:5000/a/b", "10.0.0.1:5000", "[fd00::1]:5000/k8s", "r.example/a__b/c-d.e", "quay.io/team"},
               {"/", ":", "https://", "@sha256:", ":v1", "K8s", "a", ".", "-", "__", "//", ":99999", ":123456", "..", std::string(190, 'a')}),
       [](json& cluster, json&, const std::string& value) { SetNested(cluster, {"kubeadm", "imageRepository"}, value); }},
      {"kubeadm.apiServer.certSANs", Mutants(6, {"api.example.com", "*.example.com", "203.0.113.10", "2001:db8::10", "k8s", "a.b-c.d"},
                                             {"*", "*.", ".", "..", "-", "API", "10.0.0.256", "[", "/24", ":6443", std::string(64, 'a'), std::string(240, 'b')}),
       [](json& cluster, json&, const std::string& value) { SetNested(cluster, {"kubeadm", "apiServer", "certSANs"}, json::array({value})); }},
      {"kubernetesVersion", Mutants(7, {"v1.36.3", "v1.36.0", "v1.35.12", "v1.36.100"}, {"v", ".", "0", "1", "00", "-rc.1", "+k3s1", "99999", "v1.", "36", "99999999999999999999"}),
       [](json& cluster, json&, const std::string& value) { SetNested(cluster, {"kubernetesVersion"}, value); }},
      {"kubeadm.controllerManager.extraArgs node-cidr-mask-size-ipv4", Mutants(8, {"24", "25", "26", "16", "32", "8", "0", "33", "28", "20"}, {"0", "1", "2", "3", "-", "+", "9", "x", "0x", " ", "_"}),
       [](json& cluster, json&, const std::string& value) { SetNested(cluster, {"kubeadm", "controllerManager", "extraArgs"}, Argument("node-cidr-mask-size-ipv4", value)); }},
  };
}

std::vector<CorpusField> NodeFields() {
  return {
      {"hostname", Mutants(9, {"node1", "node1.example.com", "a", "1", "n-1", std::string(63, 'a')}, {".", "..", "-", "N", "_", "example", std::string(60, 'b')}),
       [](json&, json& host, const std::string& value) { SetNested(host, {"hostname"}, value); }},
      {"labels key", Mutants(10, kLabelish, kLabelPieces),
       [](json&, json& host, const std::string& value) { SetNested(host, {"labels"}, json{{value, "x"}}); }},
      {"labels value", Mutants(11, kLabelish, kLabelPieces),
       [](json&, json& host, const std::string& value) { SetNested(host, {"labels"}, json{{"zone", value}}); }},
      {"taints key", Mutants(12, kLabelish, kLabelPieces),
       [](json&, json& host, const std::string& value) { SetNested(host, {"taints"}, Taint(value, "x")); }},
      {"taints value", Mutants(13, kLabelish, kLabelPieces),
       [](json&, json& host, const std::string& value) { SetNested(host, {"taints"}, Taint("dedicated", value)); }},
      {"network.nodeAddresses", Hosts(14),
       // With DHCP: a static address of another value would be in the way.
       [](json&, json& host, const std::string& value) { host["spec"]["network"] = {{"nodeAddresses", json::array({value})}}; }},
  };
}

}  // namespace

json MinimalCluster() {
  return {{"apiVersion", "firesteel.dev/v1alpha1"},
          {"kind", "Cluster"},
          {"metadata", {{"name", "demo"}, {"namespace", "default"}}},
          {"spec", {{"kubernetesVersion", "v1.36.3"}, {"os", {{"version", "4459.2.1"}}}, {"controlPlaneEndpoint", {{"host", "api.example.com"}}}}}};
}

json MinimalHost() {
  return {{"apiVersion", "firesteel.dev/v1alpha1"},
          {"kind", "BareMetalHost"},
          {"metadata", {{"name", "node1"}, {"namespace", "default"}}},
          {"spec",
           {{"clusterRef", {{"name", "demo"}}},
            {"role", "control-plane"},
            {"bootMACAddress", "52:54:00:77:00:01"},
            {"network", {{"interfaces", json::array({{{"name", "eth0"}, {"addresses", {"192.0.2.11/24"}}}})}}}}}};
}

const char* ReasonToRefuse(const std::string& field, const std::string& value, const std::string& objections) {
  static const struct { const char* field; const char* value; const char* objection; const char* reason; } reasons[] = {
      {"", "", "addresses that machines can have|address that (other )?machines can reach", "nobody can be reached by a loopback, link-local, multicast or unspecified address"},
      {"", "", "overlap|outside clusterNetwork", "it comes up and sends packets to the wrong place"},
      {"", "", "IP family of|for each IP family|no IPv[46] address", "machines have addresses of the families of pods"},
      {"", "::ffff:", "", "IPv4 in IPv6 is neither for Kubernetes' own isCIDR()"},
      {"", "[-a-z0-9]{64}", "", "a label of a DNS name has at most 63 characters"},
      {"", "(^|[.])[0-9]+$", "DNS name in lower case", "a name that ends in a number is a mistyped IPv4 address"},
      {"clusterNetwork.dnsDomain", "^.{201,}$", "", "the names of Services below it must fit into 253 characters"},
      {"kubeadm.imageRepository", "[A-Z]|^.{201,}$", "", "DNS does not tell capitals; a reference has at most 255 characters"},
      {"kubeadm.imageRepository", ":[0-9]{6,}", "", "there is no such port"},
      {"kubeadm.apiServer.certSANs", "[A-Z]", "", "kubeadm turns capitals into small letters without a word"},
      {"kubeadm.imageRepository", "^[^/]*_", "", "the first part is a host, whose name has no _"},
      {"kubernetesVersion", "", "", "pre-releases and other notations: the version is compared with those of sysexts"},
      {"kubeadm.controllerManager.extraArgs node-cidr-mask-size-ipv4", "^([+].*|0.*|)$", "", "Go's other notations of a number"},
      {"hostname", "", "at most 63", "it is a label of the Node as well"},
      {"hostname", "^$", "", "an absent field says the same"},
      {"labels key", "kubernetes.io/", "kubelet does not set itself", "kubelet sets it again and again"},
      {"taints key", "", "at most 253|node.kubernetes.io|control-plane", "of the whole key; Kubernetes sets some itself"},
      {"network.nodeAddresses", "", "", "kubelet judges it, not kubeadm"}};
  for (const auto& row : reasons) {
    const bool here = row.field[0] == '\0' || field == row.field;
    if (here && RE2::PartialMatch(value, row.value) && RE2::PartialMatch(objections, row.objection)) return row.reason;
  }
  return nullptr;
}

std::vector<CorpusField> CorpusFields() {
  std::vector<CorpusField> fields = ClusterFields();
  for (CorpusField& field : NodeFields()) fields.push_back(std::move(field));
  return fields;
}

}  // namespace firesteel::test
