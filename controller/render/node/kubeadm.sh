#!/bin/bash
# Runs `kubeadm init` or `kubeadm join` once to its end. Called again after a failure or a power cut it
# first undoes what the attempt before left half-done.
set -euo pipefail
. /etc/firesteel/node.env
marker=/var/lib/firesteel/kubeadm-done
if [ -e "$marker" ]; then exit 0; fi

# Whether the API server answers at all: kubeadm itself verifies it against the pinned CA hash, and it
# may refuse anonymous requests.
api_answers() {
  local status
  status=$(curl --silent --insecure --output /dev/null --write-out '%{http_code}' --max-time 5 \
    "https://$API_HOST_PORT/readyz") || return 1
  case $status in 200 | 401 | 403) return 0 ;; *) return 1 ;; esac
}

wait_for_api() {
  until api_answers; do
    echo "waiting for https://$API_HOST_PORT"
    sleep 5
  done
}

if [ -e /etc/kubernetes/kubelet.conf ] || [ -e /etc/kubernetes/manifests/etcd.yaml ] ||
  [ -e /etc/kubernetes/bootstrap-kubelet.conf ]; then
  echo "undoing a half-done attempt"
  kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock
fi
mkdir -p /etc/kubernetes/pki "${marker%/*}"
if [ -d /etc/firesteel/pki ]; then cp -a /etc/firesteel/pki/. /etc/kubernetes/pki/; fi

case $TASK in
  init) kubeadm init --config /etc/firesteel/kubeadm.yaml --skip-token-print ;;
  join)
    wait_for_api
    kubeadm join --config /etc/firesteel/kubeadm.yaml
    ;;
  *)
    echo "unknown TASK '$TASK' in /etc/firesteel/node.env" >&2
    exit 2
    ;;
esac
touch "$marker"
