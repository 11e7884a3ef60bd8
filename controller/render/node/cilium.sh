#!/bin/bash
# Installs Cilium once, with the cilium CLI from a system extension. The chart comes from the CLI or the
# internet, unless an extension carries it in /usr/share/firesteel/charts/cilium.
set -euo pipefail
. /etc/firesteel/node.env
export KUBECONFIG=/etc/kubernetes/admin.conf
chart=/usr/share/firesteel/charts/cilium
installed=$(kubectl --namespace kube-system get daemonset cilium --ignore-not-found --output name)
if [ -z "$installed" ]; then
  # An installation that was cut short leaves Helm's record of it, and Helm refuses the next one while it is there.
  kubectl --namespace kube-system delete secret --selector owner=helm,name=cilium --ignore-not-found
  set -- --version "$CILIUM_VERSION" --values /etc/firesteel/cilium-values.yaml
  if [ -d "$chart" ]; then set -- "$@" --chart-directory "$chart"; fi
  cilium install "$@"
fi
cilium status --wait --wait-duration 15m
