#!/bin/bash
# Installs Cilium once, with the cilium CLI from a system extension.
set -euo pipefail
. /etc/firesteel/node.env
export KUBECONFIG=/etc/kubernetes/admin.conf
installed=$(kubectl --namespace kube-system get daemonset cilium --ignore-not-found --output name)
if [ -z "$installed" ]; then
  # An install that was cut short leaves Helm's record of it, and Helm would refuse the next one.
  kubectl --namespace kube-system delete secret --selector owner=helm,name=cilium --ignore-not-found
  cilium install --version "$CILIUM_VERSION" \
    --set "kubeProxyReplacement=$CILIUM_KUBE_PROXY_REPLACEMENT" \
    --set "k8sServiceHost=$API_HOST" --set "k8sServicePort=$API_PORT" \
    --set ipam.mode=kubernetes --set operator.replicas=1
fi
cilium status --wait --wait-duration 15m
