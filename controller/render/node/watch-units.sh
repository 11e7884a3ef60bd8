#!/bin/bash
# Reports every unit that has failed, or that systemd starts again and again, with its last lines; the same
# one again after five minutes. The bootstrap's own steps report themselves.
set -u
seen=/run/firesteel/units
mkdir -p "$seen"

units_that_are() { systemctl list-units --plain --no-legend --no-pager --state="$1" | cut -d' ' -f1; }

# A unit may fail once or twice while the machine starts: what it needs is not there yet.
troubled() {
  local unit
  units_that_are failed
  for unit in $(units_that_are auto-restart); do
    [ "$(systemctl show --property=NRestarts --value "$unit")" -lt 3 ] || echo "$unit"
  done
}

for unit in $(troubled); do
  case $unit in firesteel-sysext.* | firesteel-images.* | firesteel-kubeadm.* | firesteel-cilium.*) continue ;; esac
  if [ -n "$(find "$seen/$unit" -mmin -5 2> /dev/null)" ]; then continue; fi
  journalctl --unit "$unit" --boot --no-pager --output cat --lines 20 > "$seen/$unit"
  /opt/firesteel/report unit failed "$unit" "$seen/$unit"
done
