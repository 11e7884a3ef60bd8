// The API server and Validate() on the same objects: both take a good one; both refuse a bad one, naming
// the field and what is expected.
#include <gtest/gtest.h>

#include "base/crypto.h"
#include "controller/api/bare_metal_host.h"
#include "controller/api/cluster.h"
#include "controller/api/manifest.h"
#include "controller/api/validate.h"
#include "tests/support/shared_api_server.h"

namespace firesteel::test {
namespace {

using nlohmann::json;

struct Row {
  const char* change;  // fields set over those of a minimal spec; null removes one
  const char* field = nullptr;     // nullptr = the object is good
  const char* expected = nullptr;  // of both messages; nullptr = the two word it differently
};

const char kMinimalHost[] = "{bootMACAddress: '52:54:00:77:00:01'}";
const char kMinimalCluster[] =
    "{kubernetesVersion: v1.36.3, os: {version: 4459.2.1}, controlPlaneEndpoint: {host: 10.0.0.11}}";

#define SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SYSEXT(name) "{name: " name ", url: 'http://x', sha256: " SHA256 "}"
#define NAME63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"

const Row kHosts[] = {
    {"{}"},
    {"{role: control-plane, architecture: arm64, hostname: n1, paused: true, clusterRef: {name: demo}}"},
    {"{hostname: node1.example.com}"},
    {"{hostname: " NAME63 "}"},
    {"{network: {interfaces: [{name: enp1s0.5, addresses: [10.0.0.1/24, 'fd00::1/64'], gateway: 'fe80::1', nameservers: [1.1.1.1, '2606:4700::1']}]}}"},
    {"{network: {interfaces: [{macAddress: '52:54:00:77:00:01'}]}}"},
    {"{network: {interfaces: [{name: eth0, addresses: [10.0.0.1/0, '::/0', 10.0.0.1/32, '::1/128']}]}}"},
    {"{network: {}}"},
    {"{labels: {zone: rack1, node-role.kubernetes.io/worker: '', Example.Key_1: a.b-c_d}, taints: [{key: a, effect: NoSchedule}, {key: a, value: b, effect: NoExecute}]}"},
    {"{labels: {}, taints: []}"},
    {"{labels: {zone: 1}}", "spec.labels.zone"},
    {"{labels: {zone: a b}}", "spec.labels", "expected a label value"},
    {"{labels: {zone: " NAME63 "x}}", "spec.labels", "63"},
    {"{labels: {'a b': c}}", "spec.labels", "expected label keys such as zone or example.com/zone"},
    {"{labels: {Example.com/a: c}}", "spec.labels", "expected label keys"},
    {"{labels: {a/b/c: d}}", "spec.labels", "expected label keys"},
    {"{labels: {" NAME63 "x: d}}", "spec.labels", "expected label keys"},
    {"{labels: [a]}", "spec.labels"},
    {"{labels: {kubernetes.io/hostname: x}}", "spec.labels", "expected labels that kubelet does not set itself"},
    {"{network: {nodeAddresses: [127.0.0.1]}}", "spec.network.nodeAddresses[0]", "expected an address that other machines can reach"},
    {"{taints: [{key: a}]}", "spec.taints[0].effect"},
    {"{taints: [{effect: NoSchedule}]}", "spec.taints[0].key"},
    {"{taints: [{key: a, effect: Sometimes}]}", "spec.taints[0].effect"},
    {"{taints: [{key: a b, effect: NoSchedule}]}", "spec.taints[0].key", "expected a taint key such as"},
    {"{taints: [{key: a, value: b c, effect: NoSchedule}]}", "spec.taints[0].value", "such as storage"},
    {"{taints: [{key: node.kubernetes.io/not-ready, effect: NoSchedule}]}", "spec.taints[0].key", "expected a taint of your own"},
    {"{taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]}", "spec.taints[0].key", "schedulableControlPlane"},
    {"{taints: [{key: a, effect: NoSchedule}, {key: a, value: x, effect: NoSchedule}]}", "spec.taints[1]", "uplicate"},
    {"{installation: ram, reinstall: '2026-11-21'}"},
    {"{deletionPolicy: Drain}"},
    {"{deletionPolicy: Retain}"},
    {"{deletionPolicy: Wipe}", "spec.deletionPolicy"},
    {"{installation: disk, rootDeviceHints: {deviceName: /dev/disk/by-id/nvme-eui.0025385b01402c5a}}"},
    {"{installation: disk, rootDeviceHints: {hctl: '0:0:0:0', model: SSD 970, vendor: ATA, serialNumber: S3 Z8, wwn: '0x5000c500a0b1c2d3', minSizeGigabytes: 100, rotational: false}}"},
    {"{rootDeviceHints: {rotational: true}}"},
    {"{installation: tape}", "spec.installation"},
    {"{installation: disk, rootDeviceHints: {rotational: true}, diskConflicts: Wipe}"},
    {"{diskConflicts: Refuse}"},
    {"{diskConflicts: wipe}", "spec.diskConflicts"},
    {"{installation: disk}", "spec", "spec.rootDeviceHints: expected with installation: disk"},
    {"{installation: disk, rootDeviceHints: {}}", "spec.rootDeviceHints", "expected at least one hint"},
    {"{rootDeviceHints: {deviceName: sda}}", "spec.rootDeviceHints.deviceName", "expected a path below /dev"},
    {"{rootDeviceHints: {deviceName: '/dev/sda;reboot'}}", "spec.rootDeviceHints.deviceName", "expected a path below /dev"},
    {"{rootDeviceHints: {hctl: '0:0'}}", "spec.rootDeviceHints.hctl", "such as 0:0:0:0"},
    {"{rootDeviceHints: {model: ''}}", "spec.rootDeviceHints.model", "such as SSD 970"},
    {"{rootDeviceHints: {serialNumber: \"a\\nb\"}}", "spec.rootDeviceHints.serialNumber"},
    {"{rootDeviceHints: {wwn: a b}}", "spec.rootDeviceHints.wwn", "expected a World Wide Name"},
    {"{rootDeviceHints: {minSizeGigabytes: 0}}", "spec.rootDeviceHints.minSizeGigabytes", "1"},
    {"{rootDeviceHints: {rotational: 'no'}}", "spec.rootDeviceHints.rotational"},
    {"{rootDeviceHints: {wwn: '0x5', size: 5}}", "spec.rootDeviceHints.size"},
    {"{reinstall: 1}", "spec.reinstall"},
    {"{bootMACAddress: null}", "spec.bootMACAddress"},
    {"{bootMACAddress: nonsense}", "spec.bootMACAddress", "expected six lower-case hex pairs, such as 52:54:00:77:00:01"},
    {"{bootMACAddress: '52:54:00:77:00:AB'}", "spec.bootMACAddress", "expected six lower-case hex pairs"},
    {"{bootMACAddress: 52-54-00-77-00-01}", "spec.bootMACAddress", "expected six lower-case hex pairs"},
    {"{bootMACAddress: \"52:54:00:77:00:01\\n\"}", "spec.bootMACAddress"},
    {"{bootMACAddress: ''}", "spec.bootMACAddress", "expected six lower-case hex pairs"},
    {"{bootMACAddress: '01:00:5e:00:00:01'}", "spec.bootMACAddress", "not a multicast address"},
    {"{bootMACAddress: '00:00:00:00:00:00'}", "spec.bootMACAddress", "not zero"},
    {"{bootMACAddress: 525400770001}", "spec.bootMACAddress"},
    {"{role: master}", "spec.role"},
    {"{role: 1}", "spec.role"},
    {"{architecture: x86_64}", "spec.architecture"},
    {"{hostname: Bad_Name}", "spec.hostname", "expected lower-case letters, digits, '-' and '.'"},
    {"{hostname: a..b}", "spec.hostname", "expected lower-case letters"},
    {"{hostname: ''}", "spec.hostname", "expected lower-case letters"},
    {"{hostname: " NAME63 "x}", "spec.hostname", "63"},
    {"{paused: maybe}", "spec.paused"},
    {"{paused: 'true'}", "spec.paused"},
    {"{hostnam: n1}", "spec.hostnam"},
    {"{clusterRef: {}}", "spec.clusterRef.name"},
    {"{clusterRef: demo}", "spec.clusterRef"},
    {"{clusterRef: {name: Demo}}", "spec.clusterRef.name", "such as demo"},
    {"{clusterRef: {name: demo, namespace: other}}", "spec.clusterRef.namespace"},
    {"{network: {nodeAddresses: [10.0.0.11]}}"},
    {"{network: {nodeAddresses: ['fd00::11', 10.0.0.11]}}"},
    {"{network: {nodeAddresses: []}}"},
    {"{network: {nodeAddresses: [10.0.0.11, 10.0.0.12]}}", "spec.network.nodeAddresses", "expected one address, or an IPv4 and an IPv6 address"},
    {"{network: {nodeAddresses: ['fd00::11', 'fd00::12']}}", "spec.network.nodeAddresses", "expected one address, or an IPv4 and an IPv6 address"},
    {"{network: {nodeAddresses: [10.0.0.11/24]}}", "spec.network.nodeAddresses[0]", "expected an IP address, such as 10.0.0.11"},
    {"{network: {interfaces: {}}}", "spec.network.interfaces"},
    {"{network: {interfaces: [eth0]}}", "spec.network.interfaces[0]"},
    {"{network: {initrd: dhcp, interfaces: [{name: lan0, macAddress: '52:54:00:77:00:01', mtu: 9000}]}}"},
    {"{network: {initrd: static, interfaces: [{name: v, vlan: {id: 1, link: eth0}, addresses: [10.0.0.1/24]}, {name: eth0, addresses: [10.1.0.1/24]}]}}"},
    {"{network: {initrd: static, interfaces: [{name: v, vlan: {id: 1, link: eth0}, addresses: [10.0.0.1/24]}]}}", "spec.network", "expected an interface with addresses that is not a VLAN"},
    {"{network: {initrd: static, interfaces: [{name: eth0, addresses: []}]}}", "spec.network", "expected an interface with addresses that is not a VLAN"},
    {"{network: {initrd: static}}", "spec.network", "expected an interface with addresses that is not a VLAN"},
    {"{network: {interfaces: [{name: bond0, bond: {mode: 802.3ad, interfaces: [eth0, '52:54:00:77:00:02']}}, {name: v100, vlan: {id: 100, link: bond0}}]}}"},
    {"{network: {interfaces: [{addresses: [10.0.0.1/24]}]}}", "spec.network.interfaces[0]", "set name, macAddress or both"},
    {"{network: {initrd: bootp}}", "spec.network.initrd"},
    {"{network: {interfaces: [{name: eth0, mtu: 500}]}}", "spec.network.interfaces[0].mtu", "576"},
    {"{network: {interfaces: [{macAddress: '52:54:00:77:00:01', vlan: {id: 1, link: eth0}}]}}", "spec.network.interfaces[0]", "expected a name, and no macAddress"},
    {"{network: {interfaces: [{name: v, macAddress: '52:54:00:77:00:01', bond: {interfaces: [eth0]}}]}}", "spec.network.interfaces[0]", "expected a name, and no macAddress"},
    {"{network: {interfaces: [{name: v, vlan: {id: 1, link: eth0}, bond: {interfaces: [eth1]}}]}}", "spec.network.interfaces[0]", "expected vlan or bond, not both"},
    {"{network: {interfaces: [{name: v, vlan: {id: 4095, link: eth0}}]}}", "spec.network.interfaces[0].vlan.id", "4094"},
    {"{network: {interfaces: [{name: v, vlan: {id: 1}}]}}", "spec.network.interfaces[0].vlan.link"},
    {"{network: {interfaces: [{name: v, vlan: {id: 1, link: 'a b'}}]}}", "spec.network.interfaces[0].vlan.link", "expected the name or MAC address"},
    {"{network: {interfaces: [{name: b, bond: {interfaces: []}}]}}", "spec.network.interfaces[0].bond.interfaces", "at least 1"},
    {"{network: {interfaces: [{name: b, bond: {mode: lacp, interfaces: [eth0]}}]}}", "spec.network.interfaces[0].bond.mode"},
    {"{network: {interfaces: [{name: b, bond: {interfaces: ['52:54:00:77:00']}}]}}", "spec.network.interfaces[0].bond.interfaces[0]", "expected the name or MAC address"},
    {"{network: {interfaces: [{name: a/b}]}}", "spec.network.interfaces[0].name", "such as eth0"},
    {"{network: {interfaces: [{macAddress: x}]}}", "spec.network.interfaces[0].macAddress", "expected six lower-case hex pairs"},
    {"{network: {interfaces: [{macAddress: '03:00:00:00:00:01'}]}}", "spec.network.interfaces[0].macAddress", "not a multicast address"},
    {"{network: {interfaces: [{name: eth0, addresses: [10.0.0.1]}]}}", "spec.network.interfaces[0].addresses[0]", "expected CIDR notation, such as 10.0.0.11/24"},
    {"{network: {interfaces: [{name: eth0, addresses: [10.0.0.1/24, 10.0.0.2/33]}]}}", "spec.network.interfaces[0].addresses[1]", "expected CIDR notation"},
    {"{network: {interfaces: [{name: eth0, addresses: [10.0.0.1/024]}]}}", "spec.network.interfaces[0].addresses[0]", "expected CIDR notation"},
    {"{network: {interfaces: [{name: eth0, addresses: ['::ffff:10.0.0.1/96']}]}}", "spec.network.interfaces[0].addresses[0]", "expected CIDR notation"},
    {"{network: {interfaces: [{name: eth0, gateway: router}]}}", "spec.network.interfaces[0].gateway", "expected an IP address, such as 10.0.0.1"},
    {"{network: {interfaces: [{name: eth0, gateway: 10.0.0.01}]}}", "spec.network.interfaces[0].gateway", "expected an IP address"},
    {"{network: {interfaces: [{name: eth0, gateway: 'fe80::1%eth0'}]}}", "spec.network.interfaces[0].gateway", "expected an IP address"},
    {"{network: {interfaces: [{name: eth0, nameservers: [dns.example]}]}}", "spec.network.interfaces[0].nameservers[0]", "expected an IP address"},
    {"{network: {interfaces: [{name: eth0, nameservers: [1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4, 5.5.5.5, 6.6.6.6, 7.7.7.7, 8.8.8.8, 9.9.9.9]}]}}", "spec.network.interfaces[0].nameservers", "8 items"},
};

const Row kClusters[] = {
    {"{}"},
    {"{os: {channel: lts, version: 4459.2.1, baseURL: 'http://mirror.example/flatcar', kernelArguments: ['console=ttyS0,115200n8', quiet]}}"},
    {"{controlPlaneEndpoint: {host: api.example.com, port: 443}}"},
    {"{controlPlaneEndpoint: {host: 127.0.0.1}}"},
    {"{controlPlaneEndpoint: {host: 'fd00::1'}, clusterNetwork: {pods: 'fd00:1::/56', services: 'fd00:2::/112'}}"},
    {"{clusterNetwork: {pods: 10.42.0.0/16, services: 10.43.0.0/16, dnsDomain: example.com}}"},
    {"{clusterNetwork: {pods: 10.0.0.0/8, services: 172.16.0.0/12}, controlPlaneEndpoint: {host: api.example.com}}"},
    {"{clusterNetwork: {pods: 'fd00:1::/48,10.1.0.0/24', services: 'fd00:2::/124,10.2.0.0/28'}}"},
    {"{clusterNetwork: {pods: 10.1.0.0/25}, kubeadm: {controllerManager: {extraArgs: [{name: node-cidr-mask-size-ipv4, value: '28'}]}}}"},
    {"{clusterNetwork: {pods: 10.1.0.0/25}}", "spec", "expected an IPv4 network of /8 to /24"},
    {"{clusterNetwork: {pods: 10.0.0.0/7}}", "spec", "expected an IPv4 network of /8 to /24"},
    {"{clusterNetwork: {pods: '10.1.0.0/16,fd00:1::/40'}}", "spec", "expected an IPv6 network of /48 to /64"},
    {"{clusterNetwork: {pods: '10.1.0.0/16,fd00:1::/80'}}", "spec", "expected an IPv6 network of /48 to /64"},
    {"{kubeadm: {controllerManager: {extraArgs: [{name: node-cidr-mask-size-ipv4, value: '15'}]}}}", "spec", "expected as node-cidr-mask-size-ipv4 a number"},
    {"{kubeadm: {controllerManager: {extraArgs: [{name: node-cidr-mask-size-ipv4, value: many}]}}}", "spec", "expected as node-cidr-mask-size-ipv4 a number"},
    {"{clusterNetwork: {services: 172.0.0.0/8}}", "spec.clusterNetwork.services", "expected an IPv4 network of /12 to /28"},
    {"{clusterNetwork: {services: 10.96.0.0/30}}", "spec.clusterNetwork.services", "expected an IPv4 network of /12 to /28"},
    {"{clusterNetwork: {services: '10.96.0.0/16,fd00:1::/64'}}", "spec.clusterNetwork.services", "an IPv6 network of /108 to /124"},
    {"{clusterNetwork: {services: 'fd00:1::/112'}}", "spec.clusterNetwork", "expected a network of pods for each IP family of services"},
    {"{clusterNetwork: {pods: 10.96.0.0/16}}", "spec.clusterNetwork", "expected pods and services not to overlap"},
    {"{clusterNetwork: {pods: 10.0.0.0/8, services: 10.43.0.0/16}, controlPlaneEndpoint: {host: api.example.com}}", "spec.clusterNetwork", "expected pods and services not to overlap"},
    {"{clusterNetwork: {pods: 10.0.0.0/16}}", "spec", "expected an address outside clusterNetwork.pods and clusterNetwork.services"},
    {"{controlPlaneEndpoint: {host: 10.96.0.1}}", "spec", "expected an address outside clusterNetwork.pods and clusterNetwork.services"},
    {"{controlPlaneEndpoint: {host: 'fd00::1'}}", "spec", "expected pods of the IP family of controlPlaneEndpoint.host"},
    {"{clusterNetwork: {pods: 169.254.0.0/16}}", "spec.clusterNetwork.pods", "expected a network of addresses that machines can have"},
    {"{clusterNetwork: {services: 224.0.0.0/16}}", "spec.clusterNetwork.services", "expected a network of addresses that machines can have"},
    {"{controlPlaneEndpoint: {host: API.example.com}}", "spec.controlPlaneEndpoint.host", "in lower case, such as 10.0.0.11 or api.example.com"},
    {"{controlPlaneEndpoint: {host: api..example.com}}", "spec.controlPlaneEndpoint.host", "in lower case, such as 10.0.0.11 or api.example.com"},
    {"{controlPlaneEndpoint: {host: 10.0.0.256}}", "spec.controlPlaneEndpoint.host", "in lower case, such as 10.0.0.11 or api.example.com"},
    {"{controlPlaneEndpoint: {host: 169.254.1.1}}", "spec.controlPlaneEndpoint.host", "expected an address that machines can reach"},
    {"{controlPlaneEndpoint: {host: 'fe80::1'}}", "spec.controlPlaneEndpoint.host", "expected an address that machines can reach"},
    {"{clusterNetwork: {dnsDomain: cluster..local}}", "spec.clusterNetwork.dnsDomain", "such as cluster.local"},
    {"{kubernetesVersion: v1.30.9}", "spec.kubernetesVersion", "v1.31.0 or later"},
    {"{kubernetesVersion: v1.036.3}", "spec.kubernetesVersion", "expected v1.MINOR.PATCH"},
    {"{os: {version: 04459.2.1}}", "spec.os.version", "expected MAJOR.MINOR.PATCH"},
    {"{os: {version: 4459.2.1, baseURL: 'http://'}}", "spec.os.baseURL", "expected an http or https URL"},
    {"{os: {version: 4459.2.1, baseURL: \"http://mirror/a\\nb\"}}", "spec.os.baseURL", "expected an http or https URL"},
    {"{os: {version: 4459.2.1, baseURL: 'http://[fd00::1]:8080/flatcar'}}"},
    {"{kubeadm: {imageRepository: 'http://registry.example/k8s'}}", "spec.kubeadm.imageRepository", "without https:// and without a tag"},
    {"{kubeadm: {imageRepository: registry.example/K8s}}", "spec.kubeadm.imageRepository", "in lower case"},
    {"{kubeadm: {imageRepository: '[fd00::1]:5000/a__b/c-d'}}"},
    {"{kubeadm: {ignorePreflightErrors: [All, NumCPU]}}", "spec.kubeadm.ignorePreflightErrors", "expected no other check beside all"},
    {"{kubeadm: {ignorePreflightErrors: [all]}}"},
    {"{kubeadm: {apiServer: {extraArgs: [{name: --v, value: '4'}]}}}", "spec.kubeadm.apiServer.extraArgs[0].name", "without leading dashes"},
    {"{kubeadm: {apiServer: {extraArgs: [{name: v=4, value: '4'}]}}}", "spec.kubeadm.apiServer.extraArgs[0].name", "without leading dashes"},
    {"{kubeadm: {apiServer: {extraArgs: [{name: service-cluster-ip-range, value: 10.0.0.0/16}]}}}", "spec.kubeadm.apiServer.extraArgs[0].name", "clusterNetwork.services"},
    {"{kubeadm: {controllerManager: {extraArgs: [{name: cluster-cidr, value: 10.0.0.0/16}]}}}", "spec.kubeadm.controllerManager.extraArgs[0].name", "clusterNetwork"},
    {"{kubeadm: {scheduler: {extraArgs: [{name: kubeconfig, value: x}]}}}", "spec.kubeadm.scheduler.extraArgs[0].name", "kubeadm does not set itself"},
    {"{kubeadm: {etcd: {extraArgs: [{name: data-dir, value: /x}]}}}", "spec.kubeadm.etcd.extraArgs[0].name", "kubeadm does not set itself"},
    {"{kubeadm: {apiServer: {certSANs: [10.0.0.256]}}}", "spec.kubeadm.apiServer.certSANs[0]", "expected an IP address or a DNS name"},
    {"{sysexts: [{name: k, url: \"http://x/\\ty\", sha256: " SHA256 "}]}", "spec.sysexts[0].url", "expected an http or https URL"},
    {"{clusterNetwork: {pods: '10.244.0.0/16,fd00:10:244::/56', services: 'fd00:10:96::/112,10.96.0.0/12'}}"},
    {"{cilium: {version: 1.18.2, kubeProxyReplacement: false}}"},
    {"{sysexts: [{name: k, url: 'http://x/k.raw', sha256: " SHA256 "}, {name: l, url: 'https://x/l.raw', sha256: " SHA256 "}]}"},
    {"{sshAuthorizedKeys: ['ssh-ed25519 AAAAC3Nz me@host', 'no-pty sk-ssh-ed25519@openssh.com AAAA']}"},
    {"{kubeadm: {imageRepository: 'registry.example:5000/k8s', dns: {disabled: true}, proxy: {disabled: true}, ignorePreflightErrors: [NumCPU], etcd: {extraArgs: [{name: a, value: '1'}, {name: a, value: ''}]}}}"},
    {"{paused: true}"},
    {"{schedulableControlPlane: true}"},
    {"{disruption: {}}"},
    {"{disruption: {maxPercent: 0}}"},
    {"{disruption: {maxPercent: 101}}", "spec.disruption.maxPercent", "100"},
    {"{disruption: {maxPercent: 20%}}", "spec.disruption.maxPercent"},
    {"{butaneFrom: {all: [{configMapKeyRef: {name: base, key: node.bu}}], controlPlane: [], worker: [{secretKeyRef: {name: s, key: k}}]}}"},
    {"{butaneFrom: {all: [{}]}}", "spec.butaneFrom.all[0]", "expected exactly one of configMapKeyRef and secretKeyRef"},
    {"{butaneFrom: {worker: [{secretKeyRef: {name: s}}]}}", "spec.butaneFrom.worker[0].secretKeyRef.key"},
    {"{butaneFrom: [{configMapKeyRef: {name: base, key: node.bu}}]}", "spec.butaneFrom"},
    {"{schedulableControlPlane: 'yes'}", "spec.schedulableControlPlane"},
    {"{kubernetesVersion: null}", "spec.kubernetesVersion"},
    {"{kubernetesVersion: '1.36.3'}", "spec.kubernetesVersion", "v1.31.0 or later, such as v1.36.3"},
    {"{kubernetesVersion: v1.36}", "spec.kubernetesVersion", "expected v1.MINOR.PATCH"},
    {"{kubernetesVersion: v2.0.0}", "spec.kubernetesVersion", "expected v1.MINOR.PATCH"},
    {"{kubernetesVersion: 1.36}", "spec.kubernetesVersion"},
    {"{os: null}", "spec.os"},
    {"{os: {version: latest}}", "spec.os.version", "expected MAJOR.MINOR.PATCH, such as 4459.2.1"},
    {"{os: {version: 4459.2.1, channel: edge}}", "spec.os.channel"},
    {"{os: {version: 4459.2.1, baseURL: 'ftp://mirror'}}", "spec.os.baseURL", "expected an http or https URL"},
    {"{os: {version: 4459.2.1, kernelArguments: ['memmap=64M$0x10000000', 'module.dyndbg=\"file,x.c,+p;func,y,+p\"', 'a=b|c&d;e', 'x=#']}}"},
    {"{os: {version: 4459.2.1, kernelArguments: ['a=${b}']}}", "spec.os.kernelArguments[0]", "some boot loaders change"},
    {"{os: {version: 4459.2.1, kernelArguments: [\"a='b'\"]}}", "spec.os.kernelArguments[0]", "some boot loaders change"},
    {"{os: {version: 4459.2.1, kernelArguments: ['a\\x41']}}", "spec.os.kernelArguments[0]", "some boot loaders change"},
    {"{os: {version: 4459.2.1, kernelArguments: ['||']}}", "spec.os.kernelArguments[0]", "iPXE ends the command line"},
    {"{os: {version: 4459.2.1, kernelArguments: [';']}}", "spec.os.kernelArguments[0]", "iPXE ends the command line"},
    {"{os: {version: 4459.2.1, kernelArguments: ['#a']}}", "spec.os.kernelArguments[0]", "iPXE ends the command line"},
    {"{os: {version: 4459.2.1, kernelArguments: ['a=b\"c\"']}}", "spec.os.kernelArguments[0]", "expected quotes around a whole value"},
    {"{os: {version: 4459.2.1, kernelArguments: ['a=\"b']}}", "spec.os.kernelArguments[0]", "expected quotes around a whole value"},
    {"{os: {version: 4459.2.1, kernelArguments: ['a b']}}", "spec.os.kernelArguments[0]", "expected one argument without blanks"},
    {"{os: {version: 4459.2.1, kernelArguments: ['']}}", "spec.os.kernelArguments[0]", "expected one argument without blanks"},
    {"{os: {version: 4459.2.1, kernelArguments: [1]}}", "spec.os.kernelArguments[0]"},
    {"{os: {version: 4459.2.1, kernelSHA512: " SHA256 "}}", "spec.os.kernelSHA512", "expected 128 lower-case hex digits"},
    {"{os: {version: 4459.2.1, initrdSHA512: x}}", "spec.os.initrdSHA512", "expected 128 lower-case hex digits"},
    {"{os: {version: 4459.2.1, keyringFrom: {name: flatcar-keyring}}}"},
    {"{os: {version: 4459.2.1, updates: {sysexts: true}}}"},
    {"{os: {version: 4459.2.1, updates: {}}, sysexts: [" SYSEXT("k") "]}"},
    {"{os: {version: 4459.2.1, updates: {sysexts: true}}, sysexts: [{name: k, url: 'http://x', version: v1.36.3, sha256: " SHA256 "}]}"},
    {"{os: {version: 4459.2.1, updates: {sysexts: true}}, sysexts: [" SYSEXT("k") "]}", "spec", "expected version and sha256 of every sysext"},
    {"{os: {version: 4459.2.1, updates: {sysexts: true}}, sysexts: [{name: k, url: 'http://x', version: v1, sha512: " SHA256 SHA256 "}]}", "spec", "expected version and sha256 of every sysext"},
    {"{os: {version: 4459.2.1, updates: {kernel: true}}}", "spec.os.updates.kernel"},
    {"{os: {version: 4459.2.1, keyringFrom: {name: a, key: k.asc}}}"},
    {"{os: {version: 4459.2.1, keyringFrom: {}}}", "spec.os.keyringFrom.name"},
    {"{os: {version: 4459.2.1, keyringFrom: {name: A}}}", "spec.os.keyringFrom.name", "such as flatcar-keyring"},
    {"{os: {version: 4459.2.1, keyringFrom: {name: a, key: a/b}}}", "spec.os.keyringFrom.key", "such as keyring.asc"},
    {"{os: {version: 4459.2.1, imageSHA512: x}}", "spec.os.imageSHA512", "expected 128 lower-case hex digits"},
    {"{controlPlaneEndpoint: {port: 6443}}", "spec.controlPlaneEndpoint.host"},
    {"{controlPlaneEndpoint: {host: 'https://api'}}", "spec.controlPlaneEndpoint.host", "expected an IP address or a DNS name"},
    {"{controlPlaneEndpoint: {host: 'api:6443'}}", "spec.controlPlaneEndpoint.host", "expected an IP address or a DNS name"},
    {"{controlPlaneEndpoint: {host: ''}}", "spec.controlPlaneEndpoint.host", "expected an IP address or a DNS name"},
    {"{controlPlaneEndpoint: {host: a, port: 0}}", "spec.controlPlaneEndpoint.port", "1"},
    {"{controlPlaneEndpoint: {host: a, port: 65536}}", "spec.controlPlaneEndpoint.port", "65535"},
    {"{controlPlaneEndpoint: {host: a, port: 1.5}}", "spec.controlPlaneEndpoint.port"},
    {"{clusterNetwork: {pods: everywhere}}", "spec.clusterNetwork.pods", "expected CIDR notation, such as 10.244.0.0/16"},
    {"{clusterNetwork: {services: 10.96.0.0}}", "spec.clusterNetwork.services", "expected CIDR notation, such as 10.96.0.0/12"},
    {"{clusterNetwork: {pods: '10.244.0.0/16,10.245.0.0/16'}}", "spec.clusterNetwork.pods", "expected one network, or with dual stack"},
    {"{clusterNetwork: {services: 'fd00:1::/112,fd00:2::/112'}}", "spec.clusterNetwork.services", "expected one network, or with dual stack"},
    {"{clusterNetwork: {pods: '10.1.0.0/16,fd00:1::/56,10.2.0.0/16'}}", "spec.clusterNetwork.pods", "expected one network, or with dual stack"},
    {"{clusterNetwork: {pods: '10.244.0.0/16, fd00:10:244::/56'}}", "spec.clusterNetwork.pods", "expected CIDR notation, such as 10.244.0.0/16"},
    {"{clusterNetwork: {pods: '10.244.0.0/16,'}}", "spec.clusterNetwork.pods", "expected CIDR notation, such as 10.244.0.0/16"},
    {"{clusterNetwork: {services: ''}}", "spec.clusterNetwork.services", "expected CIDR notation, such as 10.96.0.0/12"},
    {"{clusterNetwork: {dnsDomain: Cluster.Local}}", "spec.clusterNetwork.dnsDomain", "such as cluster.local"},
    {"{cilium: {}}", "spec.cilium.version"},
    {"{cilium: {version: v1.18.2}}", "spec.cilium.version", "expected MAJOR.MINOR.PATCH, such as 1.18.2"},
    {"{sysexts: [{name: k, url: 'ftp://x', sha256: " SHA256 "}]}", "spec.sysexts[0].url", "expected an http or https URL"},
    {"{sysexts: [{name: k, url: 'http://x', sha256: short}]}", "spec.sysexts[0].sha256", "expected 64 lower-case hex digits"},
    {"{sysexts: [{name: K_, url: 'http://x', sha256: " SHA256 "}]}", "spec.sysexts[0].name", "such as kubernetes"},
    {"{sysexts: [{name: k, url: 'http://x', version: v1.36.1+k3s1, sha512: " SHA256 SHA256 "}]}"},
    {"{sysexts: [{name: k, url: 'http://x'}]}", "spec.sysexts[0]", "set exactly one of sha256 and sha512"},
    {"{sysexts: [{name: k, url: 'http://x', sha256: " SHA256 ", sha512: " SHA256 SHA256 "}]}", "spec.sysexts[0]", "set exactly one of sha256 and sha512"},
    {"{sysexts: [{name: k, url: 'http://x', sha512: " SHA256 "}]}", "spec.sysexts[0].sha512", "expected 128 lower-case hex digits"},
    {"{sysexts: [{name: k, url: 'http://x', sha256: " SHA256 ", version: a/b}]}", "spec.sysexts[0].version", "expected a version"},
    {"{vip: {provider: none}}"},
    {"{vip: {provider: haproxy-keepalived, interface: eth0, virtualRouterID: 255}, controlPlaneEndpoint: {host: 10.0.0.30, port: 6444}, sysexts: [" SYSEXT("haproxy") ", " SYSEXT("keepalived") "]}"},
    {"{vip: {provider: kube-vip, image: 'ghcr.io/kube-vip/kube-vip:v1.2.3@sha256:" SHA256 "'}, controlPlaneEndpoint: {host: 'fd00::30'}, clusterNetwork: {pods: 'fd00:1::/56', services: 'fd00:2::/112'}}"},
    {"{vip: {}}", "spec.vip.provider"},
    {"{vip: {provider: metallb}}", "spec.vip.provider"},
    {"{vip: {provider: none, interface: a/b}}", "spec.vip.interface", "such as eth0"},
    {"{vip: {provider: none, virtualRouterID: 256}}", "spec.vip.virtualRouterID", "255"},
    {"{vip: {provider: none, image: 'kube-vip:latest'}}", "spec.vip.image", "expected an image with its digest"},
    {"{vip: {provider: kube-vip}}", "spec.vip", "expected image, with its digest"},
    {"{vip: {provider: kube-vip, image: 'a@sha256:" SHA256 "'}, controlPlaneEndpoint: {host: 10.0.0.30, port: 6444}}", "spec", "expected controlPlaneEndpoint.port 6443"},
    {"{vip: {provider: kube-vip, image: 'a@sha256:" SHA256 "'}, controlPlaneEndpoint: {host: api.example}}", "spec", "expected an IP address as controlPlaneEndpoint.host"},
    {"{vip: {provider: haproxy-keepalived}, sysexts: [" SYSEXT("haproxy") ", " SYSEXT("keepalived") "]}", "spec", "expected another controlPlaneEndpoint.port"},
    {"{vip: {provider: haproxy-keepalived}, controlPlaneEndpoint: {host: 10.0.0.30, port: 6444}, sysexts: [" SYSEXT("haproxy") "]}", "spec", "named haproxy and keepalived"},
    {"{vip: {provider: haproxy-keepalived}, controlPlaneEndpoint: {host: 10.0.0.30, port: 6444}}", "spec", "named haproxy and keepalived"},
    {"{proxy: {httpProxy: 'http://proxy.example:3128', httpsProxy: 'https://[fd00::1]:3129/', noProxy: [.example.com, '*.example.org', 10.0.0.0/8, 'fd00::/8', 'fd00::1', 10.1.1.1, 'registry.example:5000', localhost]}}"},
    {"{proxy: {httpsProxy: 'http://10.0.0.1'}}"},
    {"{proxy: {}}", "spec.proxy", "expected httpProxy, httpsProxy or both"},
    {"{proxy: {noProxy: [a]}}", "spec.proxy", "expected httpProxy, httpsProxy or both"},
    {"{proxy: {httpProxy: 'http://user:secret@proxy.example:3128'}}", "spec.proxy.httpProxy", "without a name and password"},
    {"{proxy: {httpProxy: proxy.example:3128}}", "spec.proxy.httpProxy", "expected an http or https URL"},
    {"{proxy: {httpsProxy: 'socks5://proxy.example'}}", "spec.proxy.httpsProxy", "expected an http or https URL"},
    {"{proxy: {httpsProxy: 'http://proxy.example:3128/path'}}", "spec.proxy.httpsProxy", "expected an http or https URL"},
    {"{proxy: {httpsProxy: 'http://proxy example'}}", "spec.proxy.httpsProxy", "expected an http or https URL"},
    {"{proxy: {httpProxy: 'http://p', noProxy: ['a,b']}}", "spec.proxy.noProxy[0]", "such as .example.com or 10.0.0.0/8"},
    {"{proxy: {httpProxy: 'http://p', noProxy: ['*']}}", "spec.proxy.noProxy[0]", "such as .example.com or 10.0.0.0/8"},
    {"{proxy: {httpProxy: 'http://p', noProxy: [a, a]}}", "spec.proxy.noProxy[1]", "uplicate"},
    {"{proxy: {httpProxy: 'http://p', noProxy: 'a'}}", "spec.proxy.noProxy"},
    {"{containerRuntime: crio, crio: {allowedRegistries: [registry.k8s.io, 'registry.example:5000/team/a']}, sysexts: [" SYSEXT("crio") "]}"},
    {"{containerRuntime: crio}", "spec", "expected a system extension named crio"},
    {"{containerRuntime: docker}", "spec.containerRuntime"},
    {"{crio: {allowedRegistries: ['https://quay.io']}}", "spec.crio.allowedRegistries[0]", "expected a registry"},
    {"{kernelModules: [ip_vs, zfs]}"},
    {"{kernelModules: ['a b']}", "spec.kernelModules[0]", "expected the name of a kernel module"},
    {"{os: {version: 4459.2.1, extensions: [podman, zfs]}}"},
    {"{os: {version: 4459.2.1, extensions: ['../x']}}", "spec.os.extensions[0]", "expected the name of one of Flatcar's extensions"},
    {"{cilium: {version: 1.18.2, encryption: none, hubble: true, values: {l2announcements: {enabled: true}, list: [1, two]}}}"},
    {"{cilium: {version: 1.18.2, encryption: ipsec}}", "spec.cilium.encryption"},
    {"{cilium: {version: 1.18.2, values: [1]}}", "spec.cilium.values"},
    {"{sysexts: [{name: k, url: 'http://x', sha256: " SHA256 "}, {name: k, url: 'http://y', sha256: " SHA256 "}]}", "spec.sysexts[1]", "uplicate"},
    {"{sshAuthorizedKeys: [~/.ssh/id_ed25519.pub]}", "spec.sshAuthorizedKeys[0]", "expected one line of a .pub file"},
    {"{sshAuthorizedKeys: [ssh-rsa A, ssh-rsa A]}", "spec.sshAuthorizedKeys[1]", "uplicate"},
    {"{kubeadm: {apiServer: {certSANs: [api.example.com, '*.example.com', localhost, 203.0.113.10, 'fd00::10']}}}"},
    {"{kubeadm: {apiServer: {certSANs: ['https://api.example.com']}}}", "spec.kubeadm.apiServer.certSANs[0]", "expected an IP address or a DNS name"},
    {"{kubeadm: {apiServer: {certSANs: [API.example.com]}}}", "spec.kubeadm.apiServer.certSANs[0]", "in lower case"},
    {"{kubeadm: {apiServer: {certSANs: ['']}}}", "spec.kubeadm.apiServer.certSANs[0]", "expected an IP address or a DNS name"},
    {"{kubeadm: {apiServer: {certSANs: ['*']}}}", "spec.kubeadm.apiServer.certSANs[0]", "expected an IP address or a DNS name"},
    {"{kubeadm: {apiServer: {certSANs: [10.0.0.0/24]}}}", "spec.kubeadm.apiServer.certSANs[0]", "expected an IP address or a DNS name"},
    {"{kubeadm: {apiServer: {certSANs: [a, a]}}}", "spec.kubeadm.apiServer.certSANs[1]", "uplicate"},
    {"{kubeadm: {imageRepository: 'a b'}}", "spec.kubeadm.imageRepository", "such as registry.example/k8s"},
    {"{kubeadm: {apiServer: {extraArgs: [{name: v}]}}}", "spec.kubeadm.apiServer.extraArgs[0].value"},
    {"{kubeadm: {apiServer: {extraArgs: [{name: '', value: x}]}}}", "spec.kubeadm.apiServer.extraArgs[0].name", "at least 1 char"},
    {"{kubeadm: {apiServer: {extraArgs: [{name: v, value: yes}]}}}", "spec.kubeadm.apiServer.extraArgs[0].value"},
    {"{kubeadm: {ignorePreflightErrors: ['Num CPU']}}", "spec.kubeadm.ignorePreflightErrors[0]", "such as NumCPU"},
    {"{kubeadm: {dns: {enabled: false}}}", "spec.kubeadm.dns.enabled"},
};

json Yaml(const std::string& text) {
  const auto parsed = api::ParseManifests("x: " + text, "test");
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.error().message;
  return parsed.ok() ? parsed->front().object.at("x") : json();
}

json Object(const char* kind, const char* minimal, const Row& row) {
  json spec = Yaml(minimal);
  spec.update(Yaml(row.change));
  return {{"apiVersion", api::kApiVersion},
          {"kind", kind},
          {"metadata", {{"name", "t" + RandomHex(6)}, {"namespace", "default"}}},
          {"spec", std::move(spec)}};
}

bool Contains(const std::string& text, const char* part) { return part == nullptr || text.find(part) != std::string::npos; }

std::string Messages(const std::vector<Error>& errors) {
  std::string text;
  for (const Error& error : errors) text += error.message + "\n";
  return text;
}

// The first field of `sent` that did not come back: the API server did not know it. "" = none.
std::string Pruned(const json& sent, const json& stored, const std::string& path) {
  if (sent.is_array() && stored.is_array()) {
    for (size_t i = 0; i < sent.size() && i < stored.size(); ++i) {
      const std::string pruned = Pruned(sent[i], stored[i], path + "[" + std::to_string(i) + "]");
      if (!pruned.empty()) return pruned;
    }
  }
  if (!sent.is_object()) return "";
  for (const auto& [key, value] : sent.items()) {
    if (value.is_null()) continue;
    if (!stored.contains(key)) return path + "." + key;
    const std::string pruned = Pruned(value, stored.at(key), path + "." + key);
    if (!pruned.empty()) return pruned;
  }
  return "";
}

class Agreement : public testing::Test {
 protected:
  void SetUp() override {
    if (SharedServer() == nullptr) GTEST_SKIP() << "deploy/lab/tools build kube-apiserver";
    client_ = SharedServer()->NewClient();
  }

  // What the API server says against the object; "" = nothing.
  std::string Refusal(const kube::Resource& resource, const json& object) {
    const Result<json> created = client_->Create(resource, "default", object);
    if (!created.ok()) return created.error().message;
    const std::string pruned = Pruned(object.at("spec"), created->at("spec"), "spec");
    return pruned.empty() ? "" : pruned + " was dropped";
  }

  void Check(const kube::Resource& resource, const json& object, const Row& row) {
    SCOPED_TRACE(row.change);
    const std::string server = Refusal(resource, object);
    const std::string offline = Messages(api::Validate(object));
    EXPECT_EQ(server.empty(), row.field == nullptr) << server;
    EXPECT_EQ(offline.empty(), row.field == nullptr) << offline;
    if (row.field == nullptr) return;
    EXPECT_TRUE(Contains(server, row.field) && Contains(server, row.expected)) << server;
    EXPECT_TRUE(Contains(offline, row.field) && Contains(offline, row.expected)) << offline;
  }

  std::unique_ptr<kube::Client> client_;
};

TEST_F(Agreement, OnHosts) {
  for (const Row& row : kHosts) Check(kube::kBareMetalHosts, Object("BareMetalHost", kMinimalHost, row), row);
}

TEST_F(Agreement, OnClusters) {
  for (const Row& row : kClusters) Check(kube::kClusters, Object("Cluster", kMinimalCluster, row), row);
}

TEST_F(Agreement, OnNames) {
  const std::string longest = std::string(NAME63).substr(0, 57) + RandomHex(3);
  const struct { std::string name; const char* hostname; bool good; } rows[] = {
      {longest, nullptr, true}, {longest + "x", nullptr, false}, {longest + "x", "n1", true}, {"Upper", nullptr, false}};
  for (const auto& row : rows) {
    json host = Object("BareMetalHost", kMinimalHost, {"{}"});
    host["metadata"]["name"] = row.name;
    if (row.hostname != nullptr) host["spec"]["hostname"] = row.hostname;
    EXPECT_EQ(Refusal(kube::kBareMetalHosts, host).empty(), row.good) << row.name;
    EXPECT_EQ(api::Validate(host).empty(), row.good) << row.name << ": " << Messages(api::Validate(host));
  }
  json cluster = Object("Cluster", kMinimalCluster, {"{}"});
  cluster["metadata"]["name"] = longest + "x";
  EXPECT_TRUE(Contains(Refusal(kube::kClusters, cluster), "at most 63 characters"));
  EXPECT_TRUE(Contains(Messages(api::Validate(cluster)), "at most 63 characters"));
  cluster["metadata"]["name"] = "a.b";
  EXPECT_TRUE(Contains(Refusal(kube::kClusters, cluster), "expected no '.'"));
  EXPECT_TRUE(Contains(Messages(api::Validate(cluster)), "expected no '.'"));
}

// So that `firesteel render`, which sees no defaulted object, shows what the controller would do.
TEST_F(Agreement, OnDefaults) {
  const json host = Object("BareMetalHost", kMinimalHost, {"{}"});
  const Result<json> stored_host = client_->Create(kube::kBareMetalHosts, "default", host);
  ASSERT_TRUE(stored_host.ok()) << stored_host.error().message;
  EXPECT_EQ(api::BareMetalHostFromJson(*stored_host)->spec, api::BareMetalHostFromJson(host)->spec);
  const json cluster = Object("Cluster", kMinimalCluster, {"{cilium: {version: 1.18.2}}"});
  const Result<json> stored = client_->Create(kube::kClusters, "default", cluster);
  ASSERT_TRUE(stored.ok()) << stored.error().message;
  EXPECT_EQ(api::ClusterFromJson(*stored)->spec, api::ClusterFromJson(cluster)->spec);
}

TEST_F(Agreement, WhatIsInEveryCertificateAndRouteCannotChange) {
  const struct { const char* before; const char* after; const char* says; } rows[] = {
      {"{}", "{controlPlaneEndpoint: {host: 10.0.0.12}}", "spec.controlPlaneEndpoint cannot change"},
      {"{}", "{controlPlaneEndpoint: {port: 443}}", "spec.controlPlaneEndpoint cannot change"},
      {"{}", "{clusterNetwork: {pods: 10.42.0.0/16}}", "spec.clusterNetwork cannot change"},
      {"{clusterNetwork: {pods: 10.42.0.0/16}}", "{clusterNetwork: null}", "spec.clusterNetwork cannot change"},
      {"{}", "{vip: {provider: none}}", "spec.vip cannot be added or removed"},
      {"{vip: {provider: none}}", "{vip: null}", "spec.vip cannot be added or removed"},
      {"{vip: {provider: none}}", "{vip: {virtualRouterID: 7}}", "spec.vip cannot change"},
      {"{}", "{paused: true, clusterNetwork: {pods: 10.244.0.0/16}}", nullptr}};
  for (const auto& row : rows) {
    const json cluster = Object("Cluster", kMinimalCluster, {row.before});
    ASSERT_TRUE(client_->Create(kube::kClusters, "default", cluster).ok());
    const api::ObjectKey key{"default", cluster.at("metadata").at("name").get<std::string>()};
    const Result<std::string> patched =
        client_->MergePatch(kube::kClusters, key, kube::Subresource::kNone, {{"spec", Yaml(row.after)}});
    EXPECT_EQ(patched.ok(), row.says == nullptr) << row.after;
    EXPECT_TRUE(patched.ok() || Contains(patched.error().message, row.says)) << patched.error().message;
  }
}

}  // namespace
}  // namespace firesteel::test
