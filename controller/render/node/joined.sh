#!/bin/bash
# Reports that the bootstrap is done, once the API answers at the cluster's endpoint. keepalived, HAProxy or kube-vip
# may still fail when kubeadm has succeeded.
. /etc/firesteel/node.env
until /opt/firesteel/check-api "$API_HOST_PORT"; do
  echo "waiting for https://$API_HOST_PORT"
  sleep 5
done
/opt/firesteel/report joined succeeded
mkdir -p /var/lib/firesteel
touch /var/lib/firesteel/joined
systemctl stop firesteel-watch.timer
