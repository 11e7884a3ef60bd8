#!/bin/bash
# shellcheck disable=SC2154 # the arrays of disks.sh
# disk-conflicts DEVICE: what is in the way of a Flatcar on this disk, a line each:
#   wipe|stuck <tab> the disk that it is on <tab> what it is
# "stuck" is what diskConflicts: Wipe does not remove either. Prints nothing where nothing is in the way.
set -euo pipefail
. /opt/firesteel/disks
device=$1

# tell KIND DISK WORDS
tell() { printf '%s\t%s\t%s\n' "$1" "$2" "$3"; }

# Whether Flatcar would take the partition in `row` for its own: it finds ROOT, OEM and EFI-SYSTEM by the label of
# the file system, GRUB finds OEM by that of the partition, and USR-A and USR-B have the same IDs on every disk.
is_flatcars() {
  case ${row[LABEL]} in ROOT | OEM | EFI-SYSTEM) return 0 ;; esac
  case ${row[PARTLABEL]} in USR-A | USR-B | OEM) return 0 ;; esac
  return 1
}

# on_chosen TARGET: what holds the disk keeps the kernel from reading the new partitions, and half an array or
# volume group is lost with it.
on_chosen() {
  if [ -n "${row[MOUNTPOINT]}" ]; then tell stuck "$1" "${row[NAME]} is in use at ${row[MOUNTPOINT]}"; fi
  case ${row[TYPE]} in
    disk | part | mpath) ;;
    *) tell wipe "$1" "${row[NAME]} (${row[TYPE]}) is made of it" ;;
  esac
  case ${row[FSTYPE]} in
    mpath_member) ;;
    *_member | bcache | ceph_bluestore | drbd) tell wipe "$1" "${row[NAME]} belongs to a set of disks (${row[FSTYPE]})" ;;
  esac
}

# on_other TARGET READ-ONLY
on_other() {
  if ! is_flatcars; then return 0; fi
  if [ "$2" != 0 ]; then
    tell stuck "$1" "${row[NAME]} has the label '${row[LABEL]:-${row[PARTLABEL]}}' of another Flatcar, on a read-only disk"
  else
    tell wipe "$1" "${row[NAME]} has the label '${row[LABEL]:-${row[PARTLABEL]}}' of another Flatcar"
  fi
}

# in_use TARGET TREE: of a disk that is to be wiped.
in_use() {
  local line
  while IFS= read -r line; do
    read_row "$line"
    if [ -n "${row[MOUNTPOINT]}" ]; then tell stuck "$1" "${row[NAME]} is in use at ${row[MOUNTPOINT]}"; fi
  done <<< "$2"
}

read_disks
chosen=
for i in "${!disk_target[@]}"; do
  if [ "${disk_target[i]}" = "$device" ]; then chosen=$i && break; fi
done
if [ -z "$chosen" ]; then
  echo "the disk $device is gone" >&2
  exit 1
fi

# Each device once, whatever paths lead to it.
looked_at=()
for i in "${!disk_target[@]}"; do
  target=${disk_target[i]}
  if [[ " ${looked_at[*]-} " == *" $target "* ]]; then continue; fi
  looked_at+=("$target")
  read_row "${disk_line[i]}"
  read_only=${row[RO]}
  tree=$(tree_of "$target")
  if same_disk "$chosen" "$i"; then
    while IFS= read -r line; do read_row "$line" && on_chosen "$target"; done <<< "$tree"
    continue
  fi
  others=$(while IFS= read -r line; do read_row "$line" && on_other "$target" "$read_only"; done <<< "$tree")
  if [ -n "$others" ]; then echo "$others" && in_use "$target" "$tree"; fi
done
