#!/bin/bash
# run-step STEP COMMAND…: runs one step of the bootstrap and reports how it went. On failure the report has the
# last lines of the output. While the step takes its time, a report every minute has the last line.
# Only the command decides the exit status: a full disk that cannot keep the log must not fail the boot.
#
# The step ends when its command ends. A process that the command leaves behind may hold the output open for
# ever (flatcar-install -f leaves one), so the end of the output is not what run-step waits for.
set -u
step=$1
shift
log=/var/log/firesteel/$step.log
every=${PROGRESS_SECONDS:-60}
# Written to the output when the command has ended: all that the command wrote is before it.
end=end-of-step-$(< /proc/sys/kernel/random/uuid)
mkdir -p "${log%/*}"

# print LINE: to the journal and the log.
print() {
  printf '%s\n' "$1"
  printf '%s\n' "$1" >> "$log"
}

# Standard input, line by line, until the end of the command's output. A line may come in pieces.
relay() {
  local piece status line='' last='' told='' due=$((SECONDS + every))
  while true; do
    IFS= read -r -t "$every" piece
    status=$?
    line+=$piece
    if [[ $line == *"$end" ]]; then
      if [ "$line" != "$end" ]; then print "${line%"$end"}"; fi
      break
    fi
    if [ $status = 1 ]; then # The end of the output without $end: somebody killed the shell that runs the command.
      if [ -n "$line" ]; then print "$line"; fi
      return
    fi
    if [ $status = 0 ]; then
      print "$line"
      # Libraries log in JSON: what the program itself says tells more.
      if [ -n "$line" ] && [[ $line != '{'* ]]; then last=$line; fi
      line=
    fi
    if [ $SECONDS -ge $due ] && [ "$last" != "$told" ]; then
      /opt/firesteel/report "$step" started "${last:0:200}"
      told=$last due=$((SECONDS + every))
    fi
  done
  # A process left behind must not die because nobody reads what it writes.
  { cat <&3 > /dev/null 2>&1 & } 3<&0
}

# run COMMAND…: also where the command leaves a process behind, its last words are followed by $end.
run() {
  local status
  "$@" 2>&1
  status=$?
  printf '%s\n' "$end"
  return $status
}

/opt/firesteel/report "$step" started
: > "$log"
run "$@" | relay
status=${PIPESTATUS[0]}
if [ "$status" = 0 ]; then
  /opt/firesteel/report "$step" succeeded
else
  /opt/firesteel/report "$step" failed "exit status $status" "$log"
fi
exit "$status"
