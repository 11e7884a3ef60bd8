#!/bin/bash
# run-step STEP COMMAND…: run one step of the bootstrap and report how it went; on failure with the
# last lines of what it printed, and every minute with the last one while it takes its time. Only the command
# decides the exit status: a full disk that cannot keep its log must not fail the boot.
set -u
step=$1
shift
log=/var/log/firesteel/$step.log
every=${PROGRESS_SECONDS:-60}
mkdir -p "${log%/*}"

# Standard input to the journal and the log, line by line; a line may come in pieces.
relay() {
  local piece status line='' last='' told='' due=$((SECONDS + every))
  while true; do
    IFS= read -r -t "$every" piece
    status=$?
    line+=$piece
    if [ $status = 0 ] || { [ $status = 1 ] && [ -n "$line" ]; }; then
      printf '%s\n' "$line"
      printf '%s\n' "$line" >> "$log"
      # Libraries log in JSON: what the program itself says tells more.
      if [ -n "$line" ] && [[ $line != '{'* ]]; then last=$line; fi
      line=
    fi
    if [ $status = 1 ]; then return; fi
    if [ $SECONDS -ge $due ] && [ "$last" != "$told" ]; then
      /opt/firesteel/report "$step" started "${last:0:200}"
      told=$last due=$((SECONDS + every))
    fi
  done
}

/opt/firesteel/report "$step" started
: > "$log"
"$@" 2>&1 | relay
status=${PIPESTATUS[0]}
if [ "$status" = 0 ]; then
  /opt/firesteel/report "$step" succeeded
else
  /opt/firesteel/report "$step" failed "exit status $status" "$log"
fi
exit "$status"
