#!/bin/bash
# shellcheck disable=SC2154 # the arrays of disks.sh
# Prints the one disk for which every hint of disk-hints.env holds. Where none or several fit, it prints all that
# it saw on standard error and fails, because a wrong disk that was overwritten cannot be brought back.
# Two paths to one disk are one: it prints the multipath device where there is one, else the first path.
set -euo pipefail
. /etc/firesteel/disk-hints.env
. /opt/firesteel/disks

# A name may be a link (/dev/disk/by-id/…) that udev has not made yet.
udevadm settle || true
wanted=
if [ -n "$DEVICE_NAME" ]; then wanted=$(readlink -f -- "$DEVICE_NAME" || true); fi

# misfit TARGET KERNEL-NAME: why the disk in `row` does not fit; nothing if it does.
misfit() {
  if [ -n "$DEVICE_NAME" ] && [ "${row[NAME]}" != "$wanted" ] && [ "$1" != "$wanted" ] &&
    [ "$2" != "$wanted" ] && [ "$1" != "$DEVICE_NAME" ]; then
    echo "not $DEVICE_NAME"
  fi
  if [ -n "$HCTL" ] && [ "${row[HCTL]}" != "$HCTL" ]; then echo "not at $HCTL"; fi
  if [ -n "$MODEL" ] && [[ ${row[MODEL]} != *"$MODEL"* ]]; then echo "model without '$MODEL'"; fi
  if [ -n "$VENDOR" ] && [[ ${row[VENDOR]} != *"$VENDOR"* ]]; then echo "vendor without '$VENDOR'"; fi
  if [ -n "$SERIAL_NUMBER" ] && [ "${row[SERIAL]}" != "$SERIAL_NUMBER" ]; then echo "serial number not $SERIAL_NUMBER"; fi
  if [ -n "$WWN" ] && [ "${row[WWN]}" != "$WWN" ]; then echo "WWN not $WWN"; fi
  if [ -n "$MIN_SIZE_GIB" ] && [ "${row[SIZE]}" -lt $((MIN_SIZE_GIB << 30)) ]; then echo "smaller than $MIN_SIZE_GIB GiB"; fi
  if [ -n "$ROTATIONAL" ] && [ "${row[ROTA]}" != "$ROTATIONAL" ]; then echo "rotational is ${row[ROTA]}"; fi
}

read_disks
seen=''
found=()
for i in "${!disk_line[@]}"; do
  read_row "${disk_line[i]}"
  if [ "${row[RO]}" != 0 ]; then continue; fi
  why=$(misfit "${disk_target[i]}" "${disk_kernel_name[i]}")
  seen+="  ${row[NAME]}: $((row[SIZE] >> 30)) GiB, model '${row[MODEL]}', vendor '${row[VENDOR]}',"
  seen+=" serial '${row[SERIAL]}', WWN '${row[WWN]}', HCTL '${row[HCTL]}', rotational ${row[ROTA]}: ${why:-fits}"$'\n'
  if [ -n "$why" ]; then continue; fi
  if [ ${#found[@]} -gt 0 ] && same_disk "${found[0]}" "$i"; then continue; fi
  found+=("$i")
done

if [ ${#found[@]} -ne 1 ]; then
  echo "rootDeviceHints must name one disk; they fit ${#found[@]} of these:" >&2
  printf '%s' "${seen:-  none at all$'\n'}" >&2
  exit 1
fi
echo "${disk_target[${found[0]}]}"
