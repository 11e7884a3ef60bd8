# shellcheck shell=bash
# Sourced by the fake programs that stand for a node's real ones. Each call is a line of /fake/log; what
# it answers is the next line of /fake/<queue>.
echo "${0##*/} $*" >> /fake/log
# Who would ask a proxy: a line each of /fake/proxied.
if [ -n "${http_proxy-}${https_proxy-}${all_proxy-}${HTTP_PROXY-}${HTTPS_PROXY-}${ALL_PROXY-}" ]; then echo "${0##*/}" >> /fake/proxied; fi

# next QUEUE DEFAULT: takes the queue's first line.
next() {
  local line
  line=$(head -n 1 "/fake/$1" 2> /dev/null)
  [ -z "$line" ] || sed -i 1d "/fake/$1"
  echo "${line:-$2}"
}
