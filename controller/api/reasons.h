// Every reason of a condition or Event of ours, with what it tells an operator. Reasons are part of the
// API: scripts wait for them, so they are added and never renamed. tests/structure compares this table
// with the sources.
#pragma once

#include <array>

namespace firesteel::api {

struct ReasonText {
  const char* reason;
  const char* sentence;  // what is the case, and what to do if anything
};

inline constexpr std::array kReasons{
    // A host's or cluster's Ready, Reconciling, Stalled.
    ReasonText{"Available", "The host is enrolled and idle; set spec.clusterRef to use it."},
    ReasonText{"ClusterNotFound", "The Cluster that spec.clusterRef names does not exist yet; create it."},
    ReasonText{"InvalidSpec", "The host's Cluster cannot be read; correct it as the message says."},
    ReasonText{"WaitingForSecrets", "The cluster's certificate authorities are being made; nothing to do."},
    ReasonText{"SecretInvalid", "A Secret with the cluster's keys cannot be used; correct or delete the one named."},
    ReasonText{"SecretMissing", "A Secret with the keys of a cluster that runs is gone; restore it from a backup (docs/backup.md)."},
    ReasonText{"AuthorityReplaced", "The cluster's authority is another one than its machines have; restore the Secret that is named."},
    ReasonText{"WaitingForBootd", "No bootd is connected; check that it runs and that the controller reaches it."},
    ReasonText{"WaitingForArtifacts", "bootd downloads what the machines boot; the message shows how far it is."},
    ReasonText{"ArtifactChecksumMismatch",
               "A download is not what its checksum says; correct the checksum, the URL or the file. It is downloaded again within 30 minutes."},
    ReasonText{"ButaneInvalid", "A Butane configuration of the host or its cluster is wrong, or takes what is Firesteel's; the message says where."},
    ReasonText{"ButaneNotFound", "A ConfigMap or Secret that spec.butaneFrom names, or its key, is not there yet; create it."},
    ReasonText{"WaitingForBoot", "All is prepared; power the machine on, so that it boots from the network."},
    ReasonText{"WaitingForControlPlane", "The cluster's first control plane must be up before others can join."},
    ReasonText{"WaitingForTurn", "Control planes join, and are installed anew, one at a time; the message names the one whose turn it is."},
    ReasonText{"TurnPassedOn", "A control plane whose turn it was to join was silent for too long; the next one joins. Look at that machine."},
    ReasonText{"WaitingForEtcd", "etcd does not answer the controller at TCP port 2379 of a control plane, or lacks its quorum; docs/ports.md says why it asks."},
    ReasonText{"RemovingEarlierLife", "The machine started afresh; its old Node and etcd member are removed before it joins."},
    ReasonText{"IdentityInUse", "A running machine has this host's name in the cluster; if it stays so, find that machine."},
    ReasonText{"WaitingForNodes", "The control plane is up and not all nodes are Ready; see the hosts."},
    ReasonText{"Booting", "The machine asked for its boot script and fetches its operating system."},
    ReasonText{"WaitingForKeyring", "The ConfigMap with the keys that sign releases cannot be read; create or correct it."},
    ReasonText{"Installing", "The machine installs its operating system to disk; the message shows how far it is."},
    ReasonText{"InstallFailed", "Installing to disk failed and is tried again; the message says why and which disks there are."},
    ReasonText{"Bootstrapping", "The machine runs its own system and becomes a node; the message names the step."},
    ReasonText{"BootstrapStepFailed", "A step on the node failed and is tried again; the message has its last lines."},
    ReasonText{"Provisioned", "The Node is Ready; for a cluster, all its Nodes are."},
    ReasonText{"NodeNotReady", "The Node was Ready and is not now; see it in the workload cluster."},
    ReasonText{"WorkloadAPIUnreachable", "The workload cluster's API does not answer; check its endpoint. It is asked again within 3 minutes."},
    ReasonText{"ControlPlaneLost", "Every control plane restarted from RAM; delete the cluster and its hosts and apply them again."},
    ReasonText{"ControlPlaneRestarted", "A control plane restarted from RAM while the API is silent; it rejoins once the API answers."},
    ReasonText{"DuplicateMACAddress", "An older host has the same bootMACAddress; delete one of the two."},
    ReasonText{"DuplicateHostname", "An older host of the cluster has the same host name; set another."},
    ReasonText{"DuplicateAddress", "An older host of the cluster has the same address; set another."},
    ReasonText{"Paused", "spec.paused is set on the host or its cluster; nothing is changed until it is unset."},
    ReasonText{"Deleting", "The object is being deleted; its machines keep running."},
    ReasonText{"Removing", "The deleted host is taken out of its cluster: etcd member and Node; its machine keeps running."},
    ReasonText{"Draining", "The deleted host's Pods are evicted, for at most 5 minutes; see what their PodDisruptionBudgets wait for."},
    ReasonText{"BreakerHeld", "Too many of a cluster's hosts are deleted or reinstalled at once; the message says how to go on."},
    ReasonText{"Detached", "The annotation firesteel.dev/detached is set; nothing is done to the host until it is removed."},
    ReasonText{"ActionRefused", "What is to be done next is refused until a person changes something; the message says what and why. It is tried again each minute."},
    ReasonText{"Settled", "Nothing is in progress."},
    ReasonText{"NotStalled", "Nothing waits for a person."},
    // Steps of a host: Booted, IgnitionDelivered, Installed (to disk), NodeReady.
    ReasonText{"Booted", "The machine has asked for its boot script."},
    ReasonText{"Delivered", "The machine has its configuration."},
    ReasonText{"NotDelivered", "The machine does not have its configuration yet."},
    ReasonText{"Installed", "The machine said that its operating system is on its disk."},
    ReasonText{"NotInstalled", "The machine's operating system is not on its disk yet, or is to be installed anew."},
    ReasonText{"NodeReady", "The host's Node is Ready."},
    // Steps of a cluster: SecretsReady, BootArtifactsReady, ControlPlaneInitialized.
    ReasonText{"SecretsReady", "The cluster's keys and kubeconfig are there."},
    ReasonText{"Mirrored", "Every bootd has every file, verified."},
    ReasonText{"ControlPlaneInitialized", "The cluster's API has answered; kubeadm init never runs again for it."},
    ReasonText{"KubeconfigRenewed", "The kubeconfig Secret was made anew before its certificate expired; fetch it again."},
    // The boot timeline: Events only.
    ReasonText{"BootOffered", "bootd's proxyDHCP told the machine what to boot."},
    ReasonText{"KernelFetched", "The machine fetched its kernel."},
    ReasonText{"InitrdFetched", "The machine fetched its initial RAM disk."},
    ReasonText{"IgnitionStage1", "Ignition runs on the machine and fetched its first stage."},
    ReasonText{"IgnitionDelivered", "The machine fetched its configuration, which is given out once."},
    ReasonText{"IgnitionRefused", "Somebody asked for a configuration without the right to it; find out who."},
    ReasonText{"IgnitionBroken", "A configuration was sent in part only; if not to the machine itself, its secrets are known: reprovision it."},
    ReasonText{"BootstrapStep", "A step on the node started or succeeded."},
    ReasonText{"RebootedBeforeProvisioned", "The machine started again before its Node was Ready; it gets a new configuration."},
    ReasonText{"RebootedAfterProvisioned", "The machine runs from RAM and started again; it joins afresh."},
    ReasonText{"ReinstallWanted", "spec.reinstall changed; restart the machine, it is installed anew."},
    ReasonText{"ReinstallRefused", "The cluster's only control plane is not installed anew; add others first."},
    ReasonText{"NodeRemoved", "A deleted host's Node, and its etcd member, are gone; its machine keeps running."},
    ReasonText{"CleanupIncomplete", "A deleted host was let go of with something left undone; the message says what to do by hand."},
    ReasonText{"KeysKept", "A deleted Cluster's hosts run on, so its Secrets stay; apply it again or delete them."},
    ReasonText{"BootHeld", "A machine with this MAC address asked to boot while the Node is Ready; look for a duplicate."},
};

}  // namespace firesteel::api
