#!/bin/bash
# Imports the container images that system extensions carry: machines without internet get theirs in
# /usr/share/firesteel/images/*.tar (docker-archive). CRI-O has no import of its own: it shares its store
# with podman.
set -euo pipefail
. /etc/firesteel/node.env
# Where an extension brought the runtime after systemd had planned the boot, nothing has started it.
systemctl start "$RUNTIME.service"
for archive in /usr/share/firesteel/images/*.tar; do
  [ -e "$archive" ] || continue
  echo "importing ${archive##*/}"
  case $RUNTIME in
    containerd) ctr --namespace k8s.io images import --local "$archive" ;;
    crio) podman load --quiet --input "$archive" ;;
  esac
done
