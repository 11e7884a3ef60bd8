#!/bin/bash
# Prints the one disk for which every hint of disk-hints.env holds. Where none or several fit it prints
# all that it saw, on standard error, and fails: to overwrite the wrong disk cannot be undone.
set -euo pipefail
. /etc/firesteel/disk-hints.env

# A name may be a link (/dev/disk/by-id/…) that udev has not made yet.
udevadm settle || true
wanted=
if [ -n "$DEVICE_NAME" ]; then wanted=$(readlink -f -- "$DEVICE_NAME" || true); fi

# trim TEXT: without blanks at either end.
trim() {
  local text=$1
  text=${text#"${text%%[! ]*}"}
  printf '%s' "${text%"${text##*[! ]}"}"
}

# read_pairs LINE: NAME="value" … of lsblk into the array disk; odd characters stand there as \xNN.
declare -A disk
read_pairs() {
  local rest=$1 value
  disk=()
  while [[ $rest =~ ^\ *([A-Z]+)=\"([^\"]*)\"(.*)$ ]]; do
    rest=${BASH_REMATCH[3]}
    printf -v value '%b' "${BASH_REMATCH[2]}"
    disk[${BASH_REMATCH[1]}]=$(trim "$value")
  done
}

# Why the disk does not fit; nothing if it does.
misfit() {
  if [ -n "$DEVICE_NAME" ] && [ "${disk[NAME]}" != "$wanted" ]; then echo "not $DEVICE_NAME"; fi
  if [ -n "$HCTL" ] && [ "${disk[HCTL]}" != "$HCTL" ]; then echo "not at $HCTL"; fi
  if [ -n "$MODEL" ] && [[ ${disk[MODEL]} != *"$MODEL"* ]]; then echo "model without '$MODEL'"; fi
  if [ -n "$VENDOR" ] && [[ ${disk[VENDOR]} != *"$VENDOR"* ]]; then echo "vendor without '$VENDOR'"; fi
  if [ -n "$SERIAL_NUMBER" ] && [ "${disk[SERIAL]}" != "$SERIAL_NUMBER" ]; then echo "serial number not $SERIAL_NUMBER"; fi
  if [ -n "$WWN" ] && [ "${disk[WWN]}" != "$WWN" ]; then echo "WWN not $WWN"; fi
  if [ -n "$MIN_SIZE_GIB" ] && [ "${disk[SIZE]}" -lt $((MIN_SIZE_GIB << 30)) ]; then echo "smaller than $MIN_SIZE_GIB GiB"; fi
  if [ -n "$ROTATIONAL" ] && [ "${disk[ROTA]}" != "$ROTATIONAL" ]; then echo "rotational is ${disk[ROTA]}"; fi
}

# Disks that can be written to; not what looks like one but lives in memory or on the network.
is_candidate() {
  [ "${disk[TYPE]}" = disk ] && [ "${disk[RO]}" = 0 ] && [ "${disk[SIZE]}" -gt 0 ] &&
    [[ ! ${disk[NAME]} =~ ^/dev/(fd|loop|nbd|ram|zram)[0-9]+$ ]]
}

seen=''
found=()
while IFS= read -r line; do
  read_pairs "$line"
  if ! is_candidate; then continue; fi
  why=$(misfit)
  seen+="  ${disk[NAME]}: $((disk[SIZE] >> 30)) GiB, model '${disk[MODEL]}', vendor '${disk[VENDOR]}',"
  seen+=" serial '${disk[SERIAL]}', WWN '${disk[WWN]}', HCTL '${disk[HCTL]}', rotational ${disk[ROTA]}: ${why:-fits}"$'\n'
  if [ -z "$why" ]; then found+=("${disk[NAME]}"); fi
done < <(lsblk --nodeps --paths --pairs --bytes --output NAME,TYPE,SIZE,RO,ROTA,MODEL,VENDOR,SERIAL,WWN,HCTL)

if [ ${#found[@]} -ne 1 ]; then
  echo "rootDeviceHints must name one disk; they fit ${#found[@]} of these:" >&2
  printf '%s' "${seen:-  none at all$'\n'}" >&2
  exit 1
fi
echo "${found[0]}"
