#!/bin/bash
# shellcheck disable=SC2154 # the row of disks.sh
# wipe-disk DEVICE: makes the disk one that nothing uses and nobody knows: stops the arrays, volumes and mappings on
# it, then erases the signatures of its file systems, of its arrays and of its partition table. Fails where
# something still uses it.
set -euo pipefail
. /opt/firesteel/disks
device=$1

# release: ends what `row` is, if it is something that is made of disks.
release() {
  case ${row[TYPE]} in
    disk | part | mpath) ;;
    raid* | md | linear | container) mdadm --stop "${row[NAME]}" ;;
    lvm | crypt | dm) dmsetup remove --retry "${row[NAME]}" ;;
    *)
      echo "${row[NAME]} (${row[TYPE]}) is made of $device: stop it by hand, or choose another disk" >&2
      return 1
      ;;
  esac
}

# rows: the lines of the tree into the array lines, what is on top first.
rows() {
  local tree line
  tree=$(tree_of "$device")
  lines=()
  while IFS= read -r line; do lines=("$line" "${lines[@]}"); done <<< "$tree"
}

rows
for line in "${lines[@]}"; do read_row "$line" && release; done
udevadm settle || true
# What was on the arrays is gone: what is left are the disk and its partitions, the disk last.
rows
for line in "${lines[@]}"; do read_row "$line" && wipefs --all --quiet "${row[NAME]}"; done
udevadm settle || true
