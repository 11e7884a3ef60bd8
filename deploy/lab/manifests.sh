# Sourced. The Cluster and the two BareMetalHosts that deploy/quickstart applies.
# Needs: state, address. shellcheck shell=bash disable=SC2154
flatcar_url=${FIRESTEEL_FLATCAR_URL:-https://stable.release.flatcar-linux.net}
bakery_url=${FIRESTEEL_BAKERY_URL:-https://github.com/flatcar/sysext-bakery/releases/download}
kubernetes_version=v1.36.3
# The newest that the sysext bakery has for Flatcar.
flatcar_kubernetes_version=v1.36.1
flatcar_cilium_version=1.18.2
flatcar_cilium_cli_version=v0.18.2
# Kernel arguments of the stand-in OS, as emulation is fastest with them. (Those of its disk are in standin-disk.)
standin_arguments='["console=ttyS0,115200n8", net.ifnames=0, quiet, tsc=reliable, systemd.show_status=0, mitigations=off, highres=off]'

# manifests_hosts: the same machines whatever they boot.
manifests_hosts() {
  cat <<HOSTS
---
apiVersion: firesteel.dev/v1alpha1
kind: BareMetalHost
metadata: {name: node1, namespace: default}
spec: {clusterRef: {name: quickstart}, role: control-plane, bootMACAddress: "52:54:00:77:00:01"}
---
apiVersion: firesteel.dev/v1alpha1
kind: BareMetalHost
metadata: {name: node2, namespace: default}
spec: {clusterRef: {name: quickstart}, role: worker, bootMACAddress: "52:54:00:77:00:02"}
HOSTS
}

# Emulated machines are slow: etcd's and the leader elections' clocks are let run longer, and what runs when
# nothing happens runs seldom or not at all: a control plane that only waits must not take a whole processor.
manifests_patience() {
  cat <<'PATIENCE'
    ignorePreflightErrors: [NumCPU]
    apiServer:
      extraArgs:
        - {name: etcd-healthcheck-timeout, value: 10s}
        - {name: etcd-readycheck-timeout, value: 10s}
        - {name: watch-cache, value: "false"}
        - {name: enable-priority-and-fairness, value: "false"}
    etcd:
      extraArgs:
        - {name: heartbeat-interval, value: "1000"}
        - {name: election-timeout, value: "10000"}
        - {name: unsafe-no-fsync, value: "true"}
        - {name: watch-progress-notify-interval, value: 60s}
    controllerManager:
      extraArgs: &elections
        - {name: leader-elect-lease-duration, value: 60s}
        - {name: leader-elect-renew-deadline, value: 40s}
        - {name: leader-elect-retry-period, value: 10s}
    scheduler:
      extraArgs: *elections
  butane:
    controlPlane: |
      variant: flatcar
      version: 1.1.0
      storage:
        files:
          - path: /etc/kubernetes/patches/kube-apiserver0+strategic.yaml
            contents: {inline: "spec: {containers: [{name: kube-apiserver, readinessProbe: {periodSeconds: 15}}]}"}
          - path: /etc/kubernetes/patches/etcd0+strategic.yaml
            contents: {inline: "spec: {containers: [{name: etcd, readinessProbe: {periodSeconds: 15}}]}"}
          - path: /etc/kubernetes/patches/kubeletconfiguration0+merge.yaml
            contents:
              inline: |
                localStorageCapacityIsolation: false
                evictionHard: {memory.available: 0%, nodefs.available: 0%, nodefs.inodesFree: 0%, imagefs.available: 0%, imagefs.inodesFree: 0%}
PATIENCE
}

# manifests_sysext NAME: the lab's release server has it.
manifests_sysext() {
  local sum
  sum=$(sha256sum "$state/release/sysext/$1.raw" | cut -d' ' -f1)
  echo "    - {name: $1, url: \"http://$address:8081/assets/sysext/$1.raw\", sha256: \"$sum\"}"
}

manifests_standin() {
  cat <<CLUSTER
apiVersion: firesteel.dev/v1alpha1
kind: Cluster
metadata: {name: quickstart, namespace: default}
spec:
  kubernetesVersion: $kubernetes_version
  os:
    version: 9999.0.0
    baseURL: http://$address:8081/assets/os
    kernelArguments: $standin_arguments
  controlPlaneEndpoint: {host: 10.77.0.11}
  sysexts:
$(manifests_sysext kubernetes)
$(manifests_sysext images)
$(manifests_sysext addons)
  kubeadm:
$(manifests_patience)
$(manifests_hosts)
CLUSTER
}

# flatcar_sum NAME-VERSION FILE: a sysext's SHA-256 as the bakery publishes it.
flatcar_sum() {
  curl -sfL --retry 3 "$bakery_url/$1/SHA256SUMS" | awk -v file="$2" '$2 == file || $2 == "*" file {print $1; exit}' | grep . ||
    { echo "no checksum of $2 at $bakery_url/$1/SHA256SUMS" >&2; return 1; }
}

flatcar_reachable() { curl -sfI -m 5 "$flatcar_url/amd64-usr/current/version.txt" > /dev/null 2>&1; }

# The version is asked once and written down: running again must not change a machine's OS.
flatcar_version() {
  [ -s "$state/flatcar-version" ] ||
    curl -sf --retry 3 "$flatcar_url/amd64-usr/current/version.txt" | sed -n 's/^FLATCAR_VERSION=//p' > "$state/flatcar-version"
  grep . "$state/flatcar-version"
}

manifests_flatcar() {
  local version kubernetes=kubernetes-$flatcar_kubernetes_version cilium=cilium-$flatcar_cilium_cli_version
  local sum_kubernetes sum_cilium
  version=$(flatcar_version)
  sum_kubernetes=$(flatcar_sum "$kubernetes" "$kubernetes-x86-64.raw")
  sum_cilium=$(flatcar_sum "$cilium" "$cilium-x86-64.raw")
  cat <<CLUSTER
apiVersion: firesteel.dev/v1alpha1
kind: Cluster
metadata: {name: quickstart, namespace: default}
spec:
  kubernetesVersion: $flatcar_kubernetes_version
  os:
    version: $version
    baseURL: $flatcar_url
    kernelArguments: ["console=ttyS0,115200n8"]
  controlPlaneEndpoint: {host: 10.77.0.11}
  cilium: {version: $flatcar_cilium_version}
  sysexts:
    - {name: kubernetes, url: "$bakery_url/$kubernetes/$kubernetes-x86-64.raw", sha256: "$sum_kubernetes"}
    - {name: cilium, url: "$bakery_url/$cilium/$cilium-x86-64.raw", sha256: "$sum_cilium"}
  kubeadm:
$(manifests_patience)
$(manifests_hosts)
CLUSTER
}
