#!/bin/bash
# Runs keepalived in the foreground, on the NIC that the Cluster names, otherwise on the one that carries this machine's
# own address. Only the machine itself knows the name of a NIC that is found by its MAC address.
set -euo pipefail
. /etc/firesteel/node.env
interface=$VIP_INTERFACE
if [ -z "$interface" ]; then
  read -r _ interface _ < <(ip -oneline address show to "$VIP_NODE_ADDRESS") || true
  interface=${interface%@*}
fi
if [ -z "$interface" ]; then
  echo "no NIC carries $VIP_NODE_ADDRESS yet" >&2
  exit 1
fi
umask 077
mkdir -p /run/firesteel
sed "s/@INTERFACE@/$interface/" /etc/firesteel/keepalived.conf > /run/firesteel/keepalived.conf
exec keepalived --dont-fork --log-console --pid /run/firesteel/keepalived.pid \
  --vrrp_pid /run/firesteel/vrrp.pid --use-file /run/firesteel/keepalived.conf "$@"
