#!/bin/bash
# Merges the system extensions and imports the container images that they carry: machines without
# internet get their images in /usr/share/firesteel/images/*.tar (docker-archive).
set -euo pipefail
systemd-sysext refresh
systemctl daemon-reload
for archive in /usr/share/firesteel/images/*.tar; do
  [ -e "$archive" ] || continue
  echo "importing ${archive##*/}"
  ctr --namespace k8s.io images import --local "$archive"
done
