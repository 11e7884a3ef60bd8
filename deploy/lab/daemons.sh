# Sourced. Background programs of one lab. Each runs inside the lab's network namespace. Its pid is written down with its
# start time, and only programs that were written down are ever ended.
# Needs: state (folder), netns (name). shellcheck shell=bash disable=SC2154

started_at() { awk '{sub(/.*\) /, ""); print $20}' "/proc/$1/stat" 2> /dev/null; }

# running NAME: succeeds if the program runs. (A pid that the kernel has given to another program does not count.)
running() {
  local pid start
  read -r pid start 2> /dev/null < "$state/run/$1.pid" || return 1
  [ -n "$pid" ] && [ "$(started_at "$pid")" = "$start" ]
}

# start_daemon NAME COMMAND…: starts it once. daemon_netns names another namespace; with daemon_netns empty it runs in none.
start_daemon() {
  local name=$1 pid where=${daemon_netns-$netns}
  shift
  if running "$name"; then return; fi
  mkdir -p "$state/run" "$state/logs"
  setsid nohup ${where:+ip netns exec "$where"} "$@" >> "$state/logs/$name.log" 2>&1 < /dev/null &
  pid=$!
  disown # the shell need not say how it ended
  echo "$pid $(started_at $pid)" > "$state/run/$name.pid"
}

# stop_daemon NAME [SIGNAL]: ends it and waits until it is gone.
stop_daemon() {
  local name=$1 signal=${2:-TERM} pid _
  if running "$name"; then
    read -r pid _ < "$state/run/$name.pid"
    kill "-$signal" "$pid"
    for _ in $(seq 100); do running "$name" || break; sleep 0.1; done
    if running "$name"; then kill -KILL "$pid"; fi
  fi
  rm -f "$state/run/$name.pid"
}

# wait_until SECONDS DAEMON WHAT COMMAND…: waits until the command succeeds, and says what did not happen in time.
# Where DAEMON must make it happen ("" = none), the end of that program ends the wait, and its last words are shown.
wait_until() {
  local seconds=$1 daemon=$2 what=$3 end
  shift 3
  end=$((SECONDS + seconds))
  until "$@" > /dev/null 2>&1; do
    if [ -n "$daemon" ] && ! running "$daemon"; then
      echo "$daemon has stopped; the end of $state/logs/$daemon.log:" >&2
      tail -n 10 "$state/logs/$daemon.log" >&2
      return 1
    fi
    if [ $SECONDS -ge $end ]; then
      echo "not within $seconds s: $what${daemon:+ (see $state/logs/$daemon.log)}" >&2
      return 1
    fi
    sleep 0.5
  done
}
