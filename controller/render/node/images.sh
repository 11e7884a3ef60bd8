#!/bin/bash
# Imports the container images that system extensions carry: machines without internet get theirs in
# /usr/share/firesteel/images/*.tar (docker-archive).
set -euo pipefail
for archive in /usr/share/firesteel/images/*.tar; do
  [ -e "$archive" ] || continue
  echo "importing ${archive##*/}"
  ctr --namespace k8s.io images import --local "$archive"
done
