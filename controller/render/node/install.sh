#!/bin/bash
# shellcheck disable=SC2154 # the row of disks.sh
# Writes the operating system to the disk that the hints name. The image is fetched whole and verified before
# anything is written. Started again after a failure it begins anew, except for an image that is here already.
set -euo pipefail
. /etc/firesteel/install.env
image=/var/lib/firesteel/flatcar_production_image.bin.bz2
kernel_arguments=/etc/firesteel/oem-grub.cfg

say() {
  echo "$1"
  /opt/firesteel/report install started "$1"
}

# refuse_conflicts DEVICE: ends the installation where something is in its way that must not be removed.
refuse_conflicts() {
  local conflicts stuck disk words
  conflicts=$(/opt/firesteel/disk-conflicts "$1")
  stuck=$(grep '^stuck' <<< "$conflicts" || true)
  if [ -z "$conflicts" ] || { [ "$DISK_CONFLICTS" = Wipe ] && [ -z "$stuck" ]; }; then return 0; fi
  echo "nothing was written to $1, because of what is on these disks:" >&2
  while IFS=$'\t' read -r _ disk words; do echo "  $disk: $words" >&2; done <<< "$conflicts"
  if [ -n "$stuck" ]; then
    echo "Disks that are in use or read-only are never wiped: unplug them, or choose another disk in rootDeviceHints." >&2
  else
    echo "Wipe these disks yourself, choose another disk in rootDeviceHints, or set diskConflicts: Wipe in the" >&2
    echo "BareMetalHost, which erases everything on them. Then start the machine again." >&2
  fi
  return 1
}

# wipe_conflicts DEVICE: each disk once, where the host allows it.
wipe_conflicts() {
  local conflicts disks disk
  if [ "$DISK_CONFLICTS" != Wipe ]; then return 0; fi
  conflicts=$(/opt/firesteel/disk-conflicts "$1")
  disks=$(cut -f2 <<< "$conflicts" | sort -u)
  for disk in $disks; do
    say "wiping $disk (diskConflicts: Wipe)"
    /opt/firesteel/wipe-disk "$disk"
  done
}

verified() { [ -e "$image" ] && echo "$IMAGE_SHA512  $image" | sha512sum --check --status; }

# Bootd is on the machine's own network: never by way of the site's proxy.
fetch() {
  curl --noproxy '*' --silent --show-error --fail --retry 10 --retry-connrefused --connect-timeout 20 \
    --speed-limit 1000 --speed-time 120 --continue-at - --output "$image" "$IMAGE_URL"
  if verified; then return 0; fi
  rm -f "$image"
  echo "the image from $IMAGE_URL is not what the controller expects: its SHA-512 differs" >&2
  return 1
}

# add_kernel_arguments DEVICE: where Flatcar's GRUB looks for them.
# https://www.flatcar.org/docs/latest/setup/customization/other-settings/
add_kernel_arguments() {
  local oem='' line tree mounted=/run/firesteel/oem
  . /opt/firesteel/disks
  udevadm settle || true
  tree=$(tree_of "$1")
  while IFS= read -r line; do
    read_row "$line"
    if [ "${row[LABEL]}" = OEM ]; then oem=${row[NAME]}; fi
  done <<< "$tree"
  if [ -z "$oem" ]; then
    echo "$1 has no partition OEM after the installation: the kernel's arguments cannot be kept" >&2
    return 1
  fi
  mkdir -p "$mounted"
  mount "$oem" "$mounted"
  cat "$kernel_arguments" >> "$mounted/grub.cfg"
  umount "$mounted"
}

# First: where the hints name no disk, or several, nothing else needs to happen.
device=$(/opt/firesteel/find-disk)
refuse_conflicts "$device"
mkdir -p "${image%/*}"
if ! verified; then
  say "fetching the image for $device"
  fetch
fi
# Again: an array may have come up meanwhile.
refuse_conflicts "$device"
wipe_conflicts "$device"
say "writing the image to $device"
# As a file: bootd has verified its signature, and we its checksum just now. -u would put the disk before
# the network in the firmware's boot order, and the machine could never be installed anew.
flatcar-install -d "$device" -f "$image" -i /etc/firesteel/node.ign
if [ -s "$kernel_arguments" ]; then add_kernel_arguments "$device"; fi
sync
say "installed on $device"
