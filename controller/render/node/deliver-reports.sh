#!/bin/bash
# Posts the queued reports to bootd, oldest first; fails at the first that bootd did not take, and
# systemd starts it again. The bearer comes from a file: it must not show in the process list.
set -u
. /etc/firesteel/node.env
for report in /run/firesteel/reports/*.json; do
  [ -e "$report" ] || exit 0
  status=$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 20 \
    --cacert /etc/firesteel/bootd-ca.pem --header @/etc/firesteel/report-authorization \
    --header 'Content-Type: application/json' --data-binary "@$report" "$REPORT_URL")
  case $status in
    2??) ;;
    400 | 403 | 404 | 410 | 413) echo "bootd refused ${report##*/} ($status): dropped" >&2 ;;
    *) echo "bootd did not take ${report##*/} (status $status): will try again" >&2; exit 1 ;;
  esac
  rm -f "$report"
done
