#!/bin/bash
# Reports every unit that has failed, or that systemd starts again and again, with its last lines. It reports the same
# unit again after five minutes. The steps of the bootstrap report themselves.
set -u
seen=/run/firesteel/units
mkdir -p "$seen"

units_that_are() { systemctl list-units --plain --no-legend --no-pager --state="$1" | cut -d' ' -f1; }

# A unit may fail once or twice while the machine starts, because what it needs is not there yet.
troubled() {
  local unit restarts
  units_that_are failed
  for unit in $(units_that_are auto-restart); do
    restarts=$(systemctl show --property=NRestarts --value "$unit")
    if [[ $restarts =~ ^[0-9]+$ ]] && [ "$restarts" -ge 3 ]; then echo "$unit"; fi
  done
}

for unit in $(troubled); do
  case $unit in firesteel-sysext.* | firesteel-images.* | firesteel-kubeadm.* | firesteel-cilium.*) continue ;; esac
  if [ -n "$(find "$seen/$unit" -mmin -5 2> /dev/null)" ]; then continue; fi
  journalctl --unit "$unit" --boot --no-pager --output cat --lines 20 > "$seen/$unit"
  /opt/firesteel/report unit failed "$unit" "$seen/$unit"
done
