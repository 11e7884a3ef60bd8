#!/bin/bash
# Installs Cilium once, with the cilium CLI from a system extension.
set -euo pipefail
. /etc/firesteel/node.env
export KUBECONFIG=/etc/kubernetes/admin.conf
if ! kubectl --namespace kube-system get daemonset cilium > /dev/null 2>&1; then
  cilium install --version "$CILIUM_VERSION" \
    --set "kubeProxyReplacement=$CILIUM_KUBE_PROXY_REPLACEMENT" \
    --set "k8sServiceHost=${API_ENDPOINT%:*}" --set "k8sServicePort=${API_ENDPOINT##*:}" \
    --set ipam.mode=kubernetes --set operator.replicas=1
fi
cilium status --wait --wait-duration 15m
