# shellcheck shell=bash disable=SC2034
# Sourced by the scripts that look at disks: what lsblk says of them, as arrays.

# One row of lsblk, by column; a column that the row does not have is empty.
declare -A row

# trim TEXT: without blanks at either end.
trim() {
  local text=$1
  text=${text#"${text%%[! ]*}"}
  printf '%s' "${text%"${text##*[! ]}"}"
}

# read_row LINE: NAME="value" … into the array row. lsblk writes odd characters as \xNN.
read_row() {
  local rest=$1 value column
  row=()
  for column in NAME KNAME TYPE SIZE RO ROTA MODEL VENDOR SERIAL WWN HCTL FSTYPE LABEL PARTLABEL MOUNTPOINT; do row[$column]=; done
  while [[ $rest =~ ^\ *([A-Z]+)=\"([^\"]*)\"(.*)$ ]]; do
    rest=${BASH_REMATCH[3]}
    printf -v value '%b' "${BASH_REMATCH[2]}"
    row[${BASH_REMATCH[1]}]=$(trim "$value")
  done
  [[ ${row[SIZE]} =~ ^[0-9]+$ ]] || row[SIZE]=0
}

# A disk by which the machine can start; not what looks like one but lives in memory or on the network.
is_disk() {
  [ "${row[TYPE]}" = disk ] && [ "${row[SIZE]}" -gt 0 ] && [[ ! ${row[NAME]} =~ ^/dev/(fd|loop|nbd|ram|zram)[0-9]+$ ]]
}

# tree_of DEVICE: a row for the device itself, then one for everything on it: partitions, arrays, volumes. Fails
# where lsblk says nothing: a disk that nobody knows anything about must not pass for an empty one.
tree_of() {
  local tree
  tree=$(lsblk --paths --pairs --output NAME,KNAME,TYPE,FSTYPE,LABEL,PARTLABEL,MOUNTPOINT "$1") || return 1
  tree=$(grep '^NAME="/' <<< "$tree") || { echo "lsblk says nothing about $1" >&2 && return 1; }
  printf '%s\n' "$tree"
}

# read_disks: every disk into disk_line, its row; disk_target, the device to write to, which is that of multipath
# where the disk is a path of one; disk_kernel_name, the kernel's name of that device.
disk_line=() disk_target=() disk_kernel_name=()
read_disks() {
  local line listed name tree
  listed=$(lsblk --nodeps --paths --pairs --bytes --output NAME,TYPE,SIZE,RO,ROTA,MODEL,VENDOR,SERIAL,WWN,HCTL)
  while IFS= read -r line; do
    read_row "$line"
    if ! is_disk; then continue; fi
    name=${row[NAME]}
    disk_line+=("$line")
    tree=$(tree_of "$name")
    disk_target+=("$name")
    disk_kernel_name+=("$name")
    while IFS= read -r line; do
      read_row "$line"
      if [ "${row[TYPE]}" = mpath ]; then disk_target[-1]=${row[NAME]} disk_kernel_name[-1]=${row[KNAME]}; fi
    done <<< "$tree"
  done <<< "$listed"
}

# same_disk A B: whether the disks of these numbers are two paths to one. A WWN alone does not tell: some
# controllers give theirs to every volume.
same_disk() {
  local a b
  if [ "${disk_target[$1]}" = "${disk_target[$2]}" ]; then return 0; fi
  read_row "${disk_line[$1]}"
  a="${row[WWN]}|${row[SERIAL]}|${row[SIZE]}|${row[MODEL]}"
  if [ -z "${row[WWN]}" ] || [ -z "${row[SERIAL]}" ]; then return 1; fi
  read_row "${disk_line[$2]}"
  b="${row[WWN]}|${row[SERIAL]}|${row[SIZE]}|${row[MODEL]}"
  [ "$a" = "$b" ]
}
