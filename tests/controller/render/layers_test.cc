// Users' configurations over ours: what they may change, and what is refused with which words.
#include "controller/render/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "controller/butane/transpile.h"
#include "controller/render/ignition.h"
#include "recipes.h"

namespace firesteel::render {
namespace {

using testing::HasSubstr;

struct Row {
  const char* name;
  const char* butane;   // what follows the header
  const char* refused;  // part of the message; nullptr = it is taken
};

const Row kRows[] = {
    {"AFileOfTheirOwn", "storage: {files: [{path: /etc/motd, contents: {inline: hi}}]}", nullptr},
    {"AUnitOfTheirOwn", "systemd: {units: [{name: mine.service, enabled: true, contents: '[Service]'}]}", nullptr},
    {"AUserOfTheirOwn", "passwd: {users: [{name: core, ssh_authorized_keys: [ssh-ed25519 BBBB]}]}", nullptr},
    {"ADropinToOurUnit", "systemd: {units: [{name: firesteel-kubeadm.service, dropins: [{name: 10-mine.conf, contents: '[Unit]'}]}]}", nullptr},
    {"ADropinToOurUnitAsAFile", "storage: {files: [{path: /etc/systemd/system/firesteel-kubeadm.service.d/10-mine.conf, contents: {inline: '[Unit]'}}]}", nullptr},
    {"ADropinToAUnitThatOnlyOthersHave", "systemd: {units: [{name: firesteel-unknown.service, dropins: [{name: a.conf, contents: '[Unit]'}]}]}", nullptr},
    {"WhatOurUnitSaysAlready", "systemd: {units: [{name: locksmithd.service, mask: true}, {name: firesteel-kubeadm.service, enabled: true}]}", nullptr},
    {"KubeletsDropin", "systemd: {units: [{name: kubelet.service, dropins: [{name: 20-a.conf, contents: '[Service]'}]}]}", nullptr},
    {"AStaticPodOfTheirOwn", "storage: {files: [{path: /etc/kubernetes/manifests/mine.yaml, contents: {inline: x}}]}", nullptr},
    {"AnAuditPolicy", "storage: {files: [{path: /etc/kubernetes/audit.yaml, contents: {inline: x}}]}", nullptr},
    {"APatchOfKubeadms", "storage: {files: [{path: /etc/kubernetes/patches/etcd0+strategic.yaml, contents: {inline: x}}]}", nullptr},
    {"AKernelSettingOfTheirOwn", "storage: {files: [{path: /etc/sysctl.d/95-mine.conf, contents: {inline: x}}]}", nullptr},
    {"AnImagePolicyOfTheirOwn", "storage: {files: [{path: /etc/containers/policy.json, overwrite: true, contents: {inline: '{}'}}]}", nullptr},
    {"AnExtensionOfTheirOwn", "storage: {links: [{path: /etc/extensions/mine.raw, target: /opt/mine.raw}]}", nullptr},
    {"ADirectoryAboveOurs", "storage: {directories: [{path: /opt, mode: 0755}]}", nullptr},

    {"OurFile", "storage: {files: [{path: /etc/firesteel/kubeadm.yaml, overwrite: true, contents: {inline: x}}]}",
     "it must not write /etc/firesteel/kubeadm.yaml, which is Firesteel's or kubeadm's: set the field of the Cluster or the host"},
    {"AppendingToOurFile", "storage: {files: [{path: /etc/firesteel/node.env, append: [{inline: x}]}]}", "/etc/firesteel/node.env"},
    {"TheModeOfOurFile", "storage: {files: [{path: /etc/firesteel/report-authorization, mode: 0644}]}", "/etc/firesteel/report-authorization"},
    {"AnythingInOurDirectories", "storage: {files: [{path: /opt/firesteel/new, contents: {inline: x}}]}", "use another path"},
    {"ADirectoryInOurs", "storage: {directories: [{path: /etc/firesteel, mode: 0777}]}", "/etc/firesteel,"},
    {"ALinkInPlaceOfOurDirectory", "storage: {links: [{path: /opt/firesteel, target: /tmp}]}", "/opt/firesteel,"},
    {"ALinkAboveOurs", "storage: {links: [{path: /opt, target: /tmp}]}", "must not write /opt,"},
    {"TheHostname", "storage: {files: [{path: /etc/hostname, overwrite: true, contents: {inline: x}}]}", "set the host's spec.hostname"},
    {"OurExtension", "storage: {links: [{path: /etc/extensions/kubernetes.raw, target: /opt/mine.raw, overwrite: true}]}", "spec.sysexts"},
    {"OurExtensionsImage", "storage: {files: [{path: /opt/extensions/kubernetes/kubernetes-v1.36.3.raw, contents: {inline: x}}]}", "spec.sysexts"},
    {"OurKernelSettings", "storage: {files: [{path: /etc/sysctl.d/90-firesteel.conf, contents: {inline: x}}]}", "whose name sorts after it"},
    {"KubeadmsKeys", "storage: {files: [{path: /etc/kubernetes/pki/ca.crt, contents: {inline: x}}]}", "the Secret <cluster>-ca"},
    {"KubeadmsStaticPod", "storage: {files: [{path: /etc/kubernetes/manifests/kube-apiserver.yaml, contents: {inline: x}}]}", "/etc/kubernetes/patches/"},
    {"KubeadmsKubelet", "storage: {files: [{path: /var/lib/kubelet/config.yaml, append: [{inline: x}]}]}", "kubeletconfiguration0+strategic.yaml"},
    {"EtcdsData", "storage: {directories: [{path: /var/lib/etcd/member}]}", "/var/lib/etcd/member"},
    {"OurUnitsText", "systemd: {units: [{name: firesteel-kubeadm.service, contents: '[Service]'}]}",
     "it must not set 'contents' of the unit firesteel-kubeadm.service, which is Firesteel's: add a drop-in to it"},
    {"OurUnitDisabled", "systemd: {units: [{name: firesteel-reporter.path, enabled: false}]}", "'enabled' of the unit firesteel-reporter.path"},
    {"OurUnitMasked", "systemd: {units: [{name: firesteel-sysext.service, mask: true}]}", "'mask'"},
    {"OurUnitMaskedByALink", "storage: {links: [{path: /etc/systemd/system/firesteel-sysext.service, target: /dev/null}]}", "change the unit with a drop-in"},
    {"OurUnitAsAFile", "storage: {files: [{path: /etc/systemd/system/locksmithd.service, contents: {inline: x}}]}", "with a drop-in"},
    {"AUnitThatOnlyOthersHave", "systemd: {units: [{name: firesteel-haproxy.service, enabled: false}]}", "firesteel-haproxy.service"},
    {"WhatWeMasked", "systemd: {units: [{name: locksmithd.service, mask: false}]}", "'mask' of the unit locksmithd.service"},
    {"AnotherConfiguration", "ignition: {config: {replace: {source: 'https://example.com/a.ign'}}}", "ignition.config.replace are refused"},
    {"AFurtherConfiguration", "ignition: {config: {merge: [{source: 'https://example.com/a.ign'}]}}", "give the other configuration in butane"},
};

plan::ButaneLayer Layer(const std::string& butane, const std::string& where = "Cluster demo spec.butane.all") {
  const butane::Transpiled transpiled = butane::Transpile("variant: flatcar\nversion: 1.1.0\n" + butane + "\n");
  EXPECT_TRUE(transpiled.ignition) << butane << "\n" << transpiled.error << (transpiled.entries.empty() ? "" : transpiled.entries[0].message);
  return {where, transpiled.ignition.value_or("{}")};
}

class Layers : public testing::TestWithParam<Row> {};

TEST_P(Layers, AreTakenOrRefusedByWhatTheyWrite) {
  const Result<std::string> merged = MergeLayers(IgnitionConfig(WorkerRecipe()), {Layer(GetParam().butane)});
  EXPECT_EQ(merged.ok(), GetParam().refused == nullptr) << (merged.ok() ? "" : merged.error().message);
  if (merged.ok() || GetParam().refused == nullptr) return;
  EXPECT_THAT(merged.error().message, testing::StartsWith("Cluster demo spec.butane.all: "));
  EXPECT_THAT(merged.error().message, HasSubstr(GetParam().refused));
}

INSTANTIATE_TEST_SUITE_P(All, Layers, testing::ValuesIn(kRows), [](const auto& test) { return std::string(test.param.name); });

// The file's source, as it stands in the config; "" = there is no such file.
std::string SourceOf(const std::string& ignition, const std::string& path) {
  const nlohmann::json config = nlohmann::json::parse(ignition);
  for (const nlohmann::json& file : config.at("storage").at("files")) {
    if (file.at("path") == path) return file.at("contents").at("source").get<std::string>();
  }
  return "";
}

TEST(MergeLayers, TheLaterLayerWinsOverTheEarlier) {
  const std::string merged = *MergeLayers(IgnitionConfig(WorkerRecipe()),
                                          {Layer("storage: {files: [{path: /etc/a, contents: {inline: one}}, {path: /etc/b, contents: {inline: b}}]}"),
                                           Layer("storage: {files: [{path: /etc/a, contents: {inline: two}}]}")});
  EXPECT_EQ(SourceOf(merged, "/etc/a"), "data:,two");
  EXPECT_EQ(SourceOf(merged, "/etc/b"), "data:,b");
  EXPECT_NE(SourceOf(merged, "/etc/firesteel/kubeadm.yaml"), "");
}

TEST(MergeLayers, WhatNodesOfAnotherKindWriteIsFree) {
  const plan::ButaneLayer layer = Layer("storage: {files: [{path: /etc/crio/crio.conf.d/90-firesteel.conf, contents: {inline: x}}]}");
  EXPECT_TRUE(MergeLayers(IgnitionConfig(WorkerRecipe()), {layer}).ok());
  EXPECT_FALSE(MergeLayers(IgnitionConfig(RecipeOf("worker_crio")), {layer}).ok());
}

// Each is valid alone.
TEST(MergeLayers, LayersThatDoNotFitTogetherAreRefusedByNameOfTheUpper) {
  const Result<std::string> merged =
      MergeLayers(IgnitionConfig(WorkerRecipe()),
                  {Layer("systemd: {units: [{name: mine.service, contents: '[Service]'}]}", "Cluster demo spec.butane.all"),
                   Layer("storage: {files: [{path: /etc/systemd/system/mine.service, contents: {inline: x}}]}", "BareMetalHost n1 spec.butane")});
  ASSERT_FALSE(merged.ok());
  EXPECT_THAT(merged.error().message, testing::StartsWith("BareMetalHost n1 spec.butane: laid over the rest it gives a configuration that Ignition refuses: $.storage.files."));
  EXPECT_THAT(merged.error().message, HasSubstr(" (/etc/systemd/system/mine.service): path conflicts with systemd unit or dropin"));
}

TEST(MergeLayers, WithoutLayersOursIsUnchanged) {
  EXPECT_EQ(*MergeLayers(IgnitionConfig(WorkerRecipe()), {}), IgnitionConfig(WorkerRecipe()));
}

}  // namespace
}  // namespace firesteel::render
