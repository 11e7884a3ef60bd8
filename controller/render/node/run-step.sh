#!/bin/bash
# run-step STEP COMMAND…: run one step of the bootstrap and report how it went; on failure with the
# last lines of what it printed. Only the command decides the exit status: a full disk that cannot keep
# its log must not fail the boot.
set -u
step=$1
shift
log=/var/log/firesteel/$step.log
mkdir -p "${log%/*}"
/opt/firesteel/report "$step" started
"$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if [ "$status" = 0 ]; then
  /opt/firesteel/report "$step" succeeded
else
  /opt/firesteel/report "$step" failed "exit status $status" "$log"
fi
exit "$status"
