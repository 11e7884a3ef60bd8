#!/bin/bash
# check-api [HOST:PORT]: whether an API server answers there; without arguments, for keepalived,
# through this machine's own HAProxy. It may refuse strangers: then it answers too. (kubeadm itself verifies
# it against the pinned hash of its authority.)
. /etc/firesteel/node.env
# ask HOST:PORT: ends with success if it answers; else `code` is curl's.
ask() {
  local status
  status=$(curl --silent --insecure --output /dev/null --write-out '%{http_code}' --max-time 5 "https://$1/readyz")
  code=$?
  case $status in 200 | 401 | 403) exit 0 ;; esac
}
if [ $# -gt 0 ]; then
  ask "$1"
  exit 1
fi
# A HAProxy that is gone refuses, and the address shall go at once. One whose API servers are slow gets three
# tries: all machines ask the same ones, and an address taken from the last that answers now and then helps nobody.
for _ in 1 2 3; do
  ask "$VIP_HEALTH"
  if [ $code = 7 ]; then exit 1; fi
  sleep 2
done
exit 1
