# Sourced. Virtual machines that know nothing but "boot from the network" (BIOS PXE).
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

# machine_start N MEMORY-MIB CPUS: machine N has MAC 52:54:00:77:00:0N on tapN.
machine_start() {
  local n=$1 memory=$2 cpus=$3
  start_daemon "machine$n" "$qemu/run" qemu-system-x86_64 -name "machine$n" -uuid "00000000-0000-4000-8000-00000000007$n" \
    -machine q35,graphics=off -accel "$(accelerator)" -cpu max -smp "$cpus" -m "$memory" -display none -vga none \
    -no-user-config -nodefaults -device virtio-rng-pci -boot n -serial "file:$state/logs/machine$n.console" \
    -netdev "tap,id=n0,ifname=tap$n,script=no,downscript=no" \
    -device "virtio-net-pci,netdev=n0,mac=52:54:00:77:00:0$n"
}
