#!/bin/bash
# For keepalived: whether some API server answers through this machine's own HAProxy. It may refuse
# strangers: then it answers too.
. /etc/firesteel/node.env
status=$(curl --silent --insecure --output /dev/null --write-out '%{http_code}' --max-time 2 \
  "https://$VIP_HEALTH/readyz")
case $status in 200 | 401 | 403) exit 0 ;; esac
exit 1
