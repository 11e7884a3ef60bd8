#!/bin/bash
# report STEP STATE [MESSAGE [LOG-FILE]]: queue a progress report for bootd. Never fails and never
# waits: firesteel-reporter.service delivers the queue, in order, until bootd took each.
set -u
. /etc/firesteel/node.env
queue=/run/firesteel/reports
mkdir -p -m 0700 "$queue"

# json_string TEXT: TEXT as a JSON string; what is not printable ASCII, tab or newline is dropped.
json_string() {
  local text
  text=$(printf '%s' "$1" | LC_ALL=C tr -cd '\11\12\40-\176')
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//$'\t'/\\t}
  text=${text//$'\n'/\\n}
  printf '"%s"' "$text"
}

log=
if [ $# -ge 4 ] && [ -r "$4" ]; then log=$(tail -n 40 "$4" | tail -c 8000); fi
name=$(date +%s%N)
{
  printf '{"bootID":%s,"step":%s,"state":%s,"message":%s,"log":%s}\n' "$(json_string "$BOOT_ID")" \
    "$(json_string "$1")" "$(json_string "$2")" "$(json_string "${3-}")" "$(json_string "$log")"
} > "$queue/$name.part" && mv "$queue/$name.part" "$queue/$name.json"
exit 0
