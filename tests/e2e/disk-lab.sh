# Sourced by the tests whose machines have UEFI firmware, try the network first and install to their disks:
# a lab with a management cluster, Firesteel, and a release that a key of ours has signed.
# Sets: repo, lab, build, state, netns, kubeconfig, qemu; cleans up at exit. Needs: machines (their names).
# shellcheck shell=bash disable=SC2154,SC1091
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lab=$repo/deploy/lab
build=$repo/build/${FIRESTEEL_PRESET:-debug}
state=$(mktemp -d /tmp/firesteel-disk-XXXXXX)
netns=fs-${state##*-}
kubeconfig=$state/management/kubeconfig
me=$(basename "$0")
in_management() { ip netns exec "$netns" "$@"; }
mkdir -p "$state"/{logs,run,bootd}
mkdir -m 700 "$state/gpg"
for part in daemons pki network site machine management-cluster manifests; do . "$lab/$part.sh"; done

cleanup() {
  local status=$? name
  if [ $status != 0 ]; then
    echo "--- what there was"
    management_kubectl get clusters,baremetalhosts || true
    tail -n 40 "$state"/logs/{controller,bootd}.log 2> /dev/null | cut -c1-300 || true
    for name in "${machines[@]}"; do
      echo "--- $name"
      tail -c 2000 "$state/logs/$name.console" 2> /dev/null | tr -d '\r' || true
    done
  fi
  for name in "${machines[@]}" controller bootd release-server apiserver etcd dhcp; do stop_daemon "$name" KILL; done
  network_down
  gpgconf --homedir "$state/gpg" --kill all || true
  [ -n "${FIRESTEEL_KEEP:-}" ] || rm -rf "$state"
}
trap cleanup EXIT

fail() { echo "FAIL: $*" >&2; exit 1; }
# await SECONDS WHAT COMMAND…
await() {
  wait_until "$1" "" "${@:2}" || fail "not in time: $2"
  echo "$me: $2 ($SECONDS s)"
}

# field HOST PATH: of its status.
field() { management_kubectl get baremetalhost "$1" -o "jsonpath={.status.$2}" 2> /dev/null; }
is() { [ "$(field "$1" "$2")" = "$3" ]; }
is_other() { [ -n "$(field "$1" "$2")" ] && ! is "$1" "$2" "$3"; }
message_has() { field "$1" 'conditions[?(@.type=="Ready")].message' | grep -q "$2"; }

gpg_quietly() { gpg --homedir "$state/gpg" --batch --quiet "$@"; }

# make_release [NAME=FOLDER…]: the stand-in OS with its disk image, and what else machines fetch. The
# key that signed it is put into keyring.asc.
make_release() {
  local file
  site_release "os=$("$lab/standin-disk")" "$@"
  gpg_quietly --passphrase '' --quick-gen-key 'Stand-in release <release@example.com>' ed25519 sign never
  for file in "$state"/release/os/amd64-usr/*/flatcar_production_{pxe.vmlinuz,pxe_image.cpio.gz,image.bin.bz2}; do
    gpg_quietly --output "$file.sig" --detach-sign "$file"
  done
  gpg_quietly --armor --output "$state/keyring.asc" --export
}

# Everything but the machines; the keyring is in ConfigMap flatcar-keyring.
start_everything() {
  qemu=$("$lab/qemu-tree")
  site_pki
  site_assets "$qemu"
  network_up
  dhcp_start
  management_pki
  etcd_start
  apiserver_start
  wait_until 120 apiserver "kube-apiserver is ready" management_kubectl get --raw /readyz
  management_kubectl apply -f "$repo/crds" > /dev/null
  management_kubectl wait --for=condition=Established crd/baremetalhosts.firesteel.dev crd/clusters.firesteel.dev > /dev/null
  release_server_start
  bootd_start
  controller_start
  management_kubectl create configmap flatcar-keyring --from-file=keyring.asc="$state/keyring.asc"
}

# make_old_disk FILE: a disk with the partition ROOT of another Flatcar.
make_old_disk() {
  truncate -s 64M "$1"
  echo 'start=1MiB, size=48MiB, name=ROOT' | sfdisk --quiet --label gpt "$1"
  mke2fs -q -t ext4 -L ROOT -E offset=1048576 "$1" 40M
}

# machine_on N MEMORY-MIB CPUS: with a disk that is 6 GiB when full, and its firmware's settings kept. With a file
# old-disk<N>.img it has a second disk.
machine_on() {
  local disk=$state/disk$1.img old=$state/old-disk$1.img
  [ -e "$disk" ] || truncate -s 6G "$disk"
  uefi_with_disk "$1" "$disk" "LAB-DISK-$1"
  if [ -e "$old" ]; then extra+=(-drive "if=none,id=disk1,format=raw,file=$old" -device virtio-blk-pci,drive=disk1,serial=OLD-DISK); fi
  machine_start "$1" "$2" "$3" "${extra[@]}"
}
power_cut() { stop_daemon "machine$1" KILL; }
