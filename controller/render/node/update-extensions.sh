#!/bin/bash
# Brings the system extensions to the versions that the Cluster lists now. What is merged stays as it is until the
# machine restarts. /run/reboot-required asks for the restart, and kured acts on it.
set -u
. /etc/firesteel/node.env
unset {http,https,all}_proxy {HTTP,HTTPS,ALL}_PROXY # everything comes from bootd
linked=/run/firesteel/extensions
mkdir -p "$linked"
status=0
for name in $SYSEXTS; do
  [ -d "/etc/sysupdate.$name.d" ] || continue
  # Where the link led when the machine started: /run is empty after a restart, and nothing else moves the link.
  [ -e "$linked/$name" ] || readlink --canonicalize "/etc/extensions/$name.raw" > "$linked/$name"
  /usr/lib/systemd/systemd-sysupdate --component="$name" update || status=1
  if [ "$(readlink --canonicalize "/etc/extensions/$name.raw")" != "$(cat "$linked/$name")" ]; then
    echo "$name changed: a restart is required"
    touch /run/reboot-required
  fi
done
exit $status
