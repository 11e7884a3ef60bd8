#!/bin/bash
# Runs `kubeadm init` or `kubeadm join` once to its end. Called again after a failure or a power cut it
# first undoes what the attempt before left half-done, or goes on with it.
set -euo pipefail
. /etc/firesteel/node.env
marker=/var/lib/firesteel/kubeadm-done
started=/var/lib/firesteel/kubeadm-started
if [ -e "$marker" ]; then
  rm -rf /etc/firesteel/pki /etc/firesteel/kubeadm.yaml
  exit 0
fi

wait_for_api() {
  until /opt/firesteel/check-api "$API_HOST_PORT"; do
    echo "waiting for https://$API_HOST_PORT"
    sleep 5
  done
}

# `kubeadm reset` gives up on containers that do not stop in its time, and the next attempt would find
# their ports taken: so every pod ends first, with the slice that all are in. (It may not be there yet.)
undo_attempt() {
  echo "undoing a half-done attempt"
  systemctl stop kubelet.service || true
  systemctl stop kubepods.slice || true
  kubeadm reset --force --cri-socket "$CRI_SOCKET"
}

# Once the etcd of a joining control plane runs it may have a vote, and one that vanishes with its data
# takes a cluster of two its quorum for ever. kubeadm repeats its phases: from there it goes on.
half_joined() { [ "$TASK" = join ] && [ -e /etc/kubernetes/manifests/etcd.yaml ]; }

if half_joined; then
  echo "going on with a half-done join"
  systemctl start kubelet.service
  phases=("--skip-phases=preflight,control-plane-prepare,kubelet-start")
else
  if [ -e "$started" ]; then undo_attempt; fi
  phases=()
fi
mkdir -p /etc/kubernetes/{pki,patches} "${marker%/*}"
if [ -d /etc/firesteel/pki ]; then cp -a /etc/firesteel/pki/. /etc/kubernetes/pki/; fi
touch "$started"

# install_kube_vip KUBECONFIG: the static pod of the cluster's address, where this machine has one.
install_kube_vip() {
  [ -e /etc/firesteel/kube-vip.yaml ] || return 0
  mkdir -p /etc/kubernetes/manifests
  sed "s#\"path\": \"/etc/kubernetes/admin.conf\"#\"path\": \"/etc/kubernetes/$1\"#" /etc/firesteel/kube-vip.yaml \
    > /etc/kubernetes/manifests/kube-vip.yaml
}

# Until `kubeadm init` has ended, admin.conf has no rights; super-admin.conf is on its machine only.
if [ "$TASK" = init ]; then install_kube_vip super-admin.conf; else install_kube_vip admin.conf; fi

case $TASK in
  init) kubeadm init --config /etc/firesteel/kubeadm.yaml --skip-token-print ;;
  join)
    wait_for_api
    kubeadm join --config /etc/firesteel/kubeadm.yaml "${phases[@]}"
    ;;
  *)
    echo "unknown TASK '$TASK' in /etc/firesteel/node.env" >&2
    exit 2
    ;;
esac
install_kube_vip admin.conf
touch "$marker"
# Keys and token have done their work: what kubeadm keeps is under /etc/kubernetes.
rm -rf /etc/firesteel/pki /etc/firesteel/kubeadm.yaml
