#!/bin/bash
# Runs `kubeadm init` or `kubeadm join` once to its end. After a failure or a power cut it is started again, and first
# undoes what the last attempt left half-done, or goes on with it.
set -euo pipefail
. /etc/firesteel/node.env
# All that kubeadm speaks to is inside. It would copy a proxy's variables into the manifests of the control plane.
unset {http,https,all}_proxy {HTTP,HTTPS,ALL}_PROXY
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

# `kubeadm reset` gives up on containers that do not stop in time, and then the next attempt finds their ports taken. So
# every Pod is ended first, with the slice that all of them are in. (It may not be there yet.)
undo_attempt() {
  echo "undoing a half-done attempt"
  systemctl stop kubelet.service || true
  systemctl stop kubepods.slice || true
  kubeadm reset --force --cri-socket "$CRI_SOCKET"
}

# Once the etcd of a joining control plane runs, it may have a vote. If it vanished with its data, a cluster of two
# would lose its quorum for ever. kubeadm can repeat its phases, so the join goes on from there.
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

# admin.conf has no rights until `kubeadm init` has ended; super-admin.conf is on the first machine only.
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
# Keys and token have done their work: kubeadm keeps its own copies in /etc/kubernetes.
rm -rf /etc/firesteel/pki /etc/firesteel/kubeadm.yaml
