#!/bin/bash
# check-api [HOST:PORT]: succeeds if an API server answers there. keepalived runs it without arguments: then it asks
# through this machine's own HAProxy. An API server that refuses strangers answers too. (kubeadm verifies the server
# itself, by the pinned hash of its authority.)
. /etc/firesteel/node.env
# ask HOST:PORT: ends the script with success if an API server answers; otherwise `code` is curl's.
ask() {
  local status
  status=$(curl --noproxy '*' --silent --insecure --output /dev/null --write-out '%{http_code}' --max-time 5 "https://$1/readyz")
  code=$?
  case $status in 200 | 401 | 403) exit 0 ;; esac
}
if [ $# -gt 0 ]; then
  ask "$1"
  exit 1
fi
# A HAProxy that is gone refuses the connection: then the address must move at once. Slow API servers get three
# tries, because all machines ask the same servers: to move the address from one machine to the next would not help.
for _ in 1 2 3; do
  ask "$VIP_HEALTH"
  if [ $code = 7 ]; then exit 1; fi
  sleep 2
done
exit 1
