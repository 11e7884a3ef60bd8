#!/bin/bash
# Merges the system extensions of SYSEXTS into /usr, unless the operating system has done so while it booted: a refresh
# takes the files away for a moment from everything that runs already.
set -euo pipefail
. /etc/firesteel/node.env

merged() { systemd-sysext status --no-legend --no-pager | tr -s ' ' '\n' | grep -xF -- "$1" > /dev/null; }

# What of SYSEXTS is not merged.
missing() {
  local name
  for name in $SYSEXTS; do merged "$name" || printf ' %s' "$name"; done
}

if [ -n "$(missing)" ]; then systemd-sysext refresh; fi
left=$(missing)
if [ -n "$left" ]; then
  echo "systemd-sysext left out:$left (is each image made for this system and architecture, and for its name?)" >&2
  exit 1
fi
systemctl daemon-reload
