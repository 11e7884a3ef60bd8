# Sourced. Virtual machines that can do nothing but boot from the network (BIOS PXE).
# Needs: state, netns, qemu (a qemu-tree folder), daemons.sh. shellcheck shell=bash disable=SC2154

# The accelerator: KVM where the processor has it, else emulation.
accelerator() {
  if [ -n "${FIRESTEEL_ACCEL:-}" ]; then
    echo "$FIRESTEEL_ACCEL"
  elif [ -w /dev/kvm ] && grep -qE '^flags.* (vmx|svm)( |$)' /proc/cpuinfo; then
    echo kvm
  else
    echo tcg,thread=multi,tb-size=512
  fi
}

# machine_start N MEMORY-MIB CPUS [QEMU ARGUMENT…]: machine N has the MAC address 52:54:00:77:00:0N on tapN. It has no
# fifth level of page tables, because the emulation would walk it all the time.
machine_start() {
  local n=$1 memory=$2 cpus=$3
  shift 3
  start_daemon "machine$n" "$qemu/run" qemu-system-x86_64 -name "machine$n" -uuid "00000000-0000-4000-8000-00000000007$n" \
    -machine q35,graphics=off -accel "$(accelerator)" -cpu max,la57=off -smp "$cpus" -m "$memory" -display none -vga none \
    -no-user-config -nodefaults -device virtio-rng-pci -boot n -serial "file:$state/logs/machine$n.console" \
    -netdev "tap,id=n0,ifname=tap$n,script=no,downscript=no" \
    -device "virtio-net-pci,netdev=n0,id=nic0,mac=52:54:00:77:00:0$n" "$@"
}

# uefi_with_disk N IMAGE SERIAL: sets the array `extra` to arguments that give machine N UEFI firmware, which
# tries the network first, and a disk. Its settings stay from one start to the next, as a real one's do.
uefi_with_disk() {
  local n=$1 image=$2 serial=$3 ovmf=$qemu/root/usr/share/OVMF
  [ -e "$state/run/vars$n.fd" ] || cp "$ovmf/OVMF_VARS_4M.fd" "$state/run/vars$n.fd"
  # Without QEMU's own network boot ROM, so that OVMF does PXE itself.
  extra=(-global virtio-net-pci.romfile= -set device.nic0.bootindex=1
    -drive "if=pflash,format=raw,readonly=on,file=$ovmf/OVMF_CODE_4M.fd"
    -drive "if=pflash,format=raw,file=$state/run/vars$n.fd"
    -drive "if=none,id=disk0,format=raw,file=$image" -device "virtio-blk-pci,drive=disk0,serial=$serial,bootindex=2")
}
