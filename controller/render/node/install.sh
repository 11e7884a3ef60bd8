#!/bin/bash
# Writes the operating system to the disk that the hints name. The image is fetched whole and verified
# before the disk is touched; started again after a failure it begins anew, but for what was fetched.
set -euo pipefail
. /etc/firesteel/install.env
image=/var/lib/firesteel/flatcar_production_image.bin.bz2

say() {
  echo "$1"
  /opt/firesteel/report install started "$1"
}

# First: where the hints name no disk, or several, nothing else needs to happen.
device=$(/opt/firesteel/find-disk)
mkdir -p "${image%/*}"
say "fetching the image for $device"
curl --silent --show-error --fail --retry 10 --retry-connrefused --continue-at - --output "$image" "$IMAGE_URL"
if ! echo "$IMAGE_SHA512  $image" | sha512sum --check --status; then
  rm -f "$image"
  echo "the image from $IMAGE_URL is not what the controller expects: its SHA-512 differs" >&2
  exit 1
fi
say "writing the image to $device"
# As a file: bootd has verified its signature, and we its checksum just now. -u would put the disk before
# the network in the firmware's boot order, and the machine could never be installed anew.
flatcar-install -d "$device" -f "$image" -i /etc/firesteel/node.ign
sync
say "installed on $device"
