#!/bin/bash
# report STEP STATE [MESSAGE [LOG-FILE]]: queues a progress report for bootd. It never fails and never waits:
# firesteel-reporter.service delivers the queue in order, and tries until bootd has taken each report.
set -u
. /etc/firesteel/node.env
queue=/run/firesteel/reports
(umask 077 && mkdir -p "$queue")

# json_string TEXT: TEXT as a JSON string. Colours are dropped; any other byte that is not printable
# ASCII, tab or newline becomes '?', so that whatever a program printed is valid JSON.
json_string() {
  local text
  text=$(printf '%s' "$1" | LC_ALL=C sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | LC_ALL=C tr -c '\11\12\40-\176' '?')
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\t'/\\t}
  text=${text//$'\n'/\\n}
  printf '"%s"' "$text"
}

log=
if [ $# -ge 4 ] && [ -r "$4" ]; then log=$(tail -n 40 "$4" | tail -c 8000 | tr -d '\0'); fi
# The names give the order of the queue. They are made of the uptime, because the clock jumps when the machine first
# learns the time.
read -r uptime _ < /proc/uptime
name=$(printf '%015d-%010d' "$((10#${uptime//./}))" $$)
{
  printf '{"bootID":%s,"step":%s,"state":%s,"message":%s,"log":%s}\n' "$(json_string "$BOOT_ID")" \
    "$(json_string "$1")" "$(json_string "$2")" "$(json_string "${3-}")" "$(json_string "$log")"
} > "$queue/$name.part" && mv "$queue/$name.part" "$queue/$name.json"
exit 0
