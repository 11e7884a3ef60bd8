#!/bin/bash
# Posts the queued reports to bootd, oldest first. It fails at the first report that bootd did not take, and systemd
# starts it again. The bearer token comes from a file, because everyone can see the process list.
set -u
. /etc/firesteel/node.env
for report in /run/firesteel/reports/*.json; do
  [ -e "$report" ] || exit 0
  status=$(curl --noproxy '*' --silent --output /dev/null --write-out '%{http_code}' --max-time 20 \
    --cacert /etc/firesteel/bootd-ca.pem --header @/etc/firesteel/report-authorization \
    --header 'Content-Type: application/json' --data-binary "@$report" "$REPORT_URL")
  case $status in
    2??) ;;
    400 | 403 | 404 | 410 | 413) echo "bootd refused ${report##*/} ($status): dropped" >&2 ;;
    *) echo "bootd did not take ${report##*/} (status $status): will try again" >&2; exit 1 ;;
  esac
  rm -f "$report"
done
