# Sourced. Firesteel itself in a lab: its certificates, bootd, the controller, and a release server for
# bootd to mirror from. Needs: state, netns, lab, build (folder of the binaries), kubeconfig, daemons.sh, pki.sh,
# network.sh. A controller elsewhere than in netns: management_netns, bootd_grpc.
# shellcheck shell=bash disable=SC2154

# site_pki [SUBJECT-ALTERNATIVE-NAME]: makes the certificates. bootd may have one more name than its addresses in the lab.
site_pki() {
  mkdir -p "$state/pki"
  make_ca "$state/pki" ca firesteel
  make_leaf "$state/pki" ca bootd /CN=bootd "IP:$address,IP:127.0.0.1,DNS:localhost${1:+,$1}"
  make_leaf "$state/pki" ca controller /CN=firesteel-controller
}

# site_assets QEMU-TREE: what bootd's TFTP serves.
site_assets() {
  mkdir -p "$state/assets"
  cp "$1"/root/usr/lib/ipxe/{undionly.kpxe,snponly.efi,ipxe.efi,ipxe-arm64.efi} "$state/assets/"
}

# site_release NAME=FOLDER…: gives the release server these folders, as hard links where the file system allows it.
site_release() {
  local source
  mkdir -p "$state/release"
  for source in "$@"; do
    rm -rf "${state:?}/release/${source%%=*}"
    cp -al "${source#*=}" "$state/release/${source%%=*}" 2> /dev/null || cp -a "${source#*=}" "$state/release/${source%%=*}"
  done
}

# A second bootd, as a plain file server.
release_server_start() {
  start_daemon release-server "$build/bootd/bootd" --http-listen $address:8081 --assets-dir "$state/release"
}

# bootd_start [ARGUMENT…]
bootd_start() {
  start_daemon bootd "$build/bootd/bootd" --http-listen $address:80 --https-listen $address:443 --tftp-listen $address:69 \
    --grpc-listen "${bootd_grpc:-127.0.0.1:9443}" --health-listen 127.0.0.1:9081 --advertise-address $address \
    --assets-dir "$state/assets" --data-dir "$state/bootd" \
    --tls-cert "$state/pki/bootd.crt" --tls-key "$state/pki/bootd.key" --tls-ca "$state/pki/ca.crt" "$@"
}

controller_start() {
  daemon_netns=${management_netns-$netns} start_daemon controller "$lab/keep-running" "$build/controller/firesteel" controller \
    --kubeconfig "$kubeconfig" --bootd "${bootd_grpc:-127.0.0.1:9443}" --bootd-ca "$state/pki/ca.crt" \
    --bootd-cert "$state/pki/controller.crt" --bootd-key "$state/pki/controller.key" --health-listen 127.0.0.1:9080
}
