#!/bin/bash
# Imports the container images that system extensions carry in /usr/share/firesteel/images/*.tar (docker-archive), for
# machines that cannot reach a registry. CRI-O has no import of its own: it shares its store with podman.
set -euo pipefail
. /etc/firesteel/node.env
# Nothing has started the runtime if its extension was merged after systemd had planned the boot.
systemctl start "$RUNTIME.service"
for archive in /usr/share/firesteel/images/*.tar; do
  [ -e "$archive" ] || continue
  echo "importing ${archive##*/}"
  case $RUNTIME in
    containerd) ctr --namespace k8s.io images import --local "$archive" ;;
    crio) podman load --quiet --input "$archive" ;;
  esac
done
