#!/bin/bash
# check-api [HOST:PORT [SECONDS]]: whether an API server answers there; without arguments, for keepalived,
# through this machine's own HAProxy. It may refuse strangers: then it answers too. (kubeadm itself verifies
# it against the pinned hash of its authority.) What is dead refuses at once; what is only slow keeps its five
# seconds: an address taken from the last slow API server helps nobody.
. /etc/firesteel/node.env
status=$(curl --silent --insecure --output /dev/null --write-out '%{http_code}' --max-time "${2:-5}" \
  "https://${1:-$VIP_HEALTH}/readyz")
case $status in 200 | 401 | 403) exit 0 ;; esac
exit 1
