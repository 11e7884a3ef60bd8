#!/bin/bash
# run-step STEP COMMAND…: run one step of the bootstrap and report how it went; on failure with the
# last lines of what it printed.
set -u -o pipefail
step=$1
shift
mkdir -p /var/log/firesteel
log=/var/log/firesteel/$step.log
/opt/firesteel/report "$step" started
if "$@" 2>&1 | tee "$log"; then
  /opt/firesteel/report "$step" succeeded
else
  status=$?
  /opt/firesteel/report "$step" failed "exit status $status" "$log"
  exit "$status"
fi
