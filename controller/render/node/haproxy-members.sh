#!/bin/bash
# Makes today's control plane Nodes the servers of HAProxy. haproxy.cfg was written when this machine was configured,
# and control planes came and went since. Whatever fails, the configuration stays as it was.
set -euo pipefail
. /etc/firesteel/node.env
unset {http,https,all}_proxy {HTTP,HTTPS,ALL}_PROXY # the API server is this machine's own
config=/etc/firesteel/haproxy.cfg

# host ADDRESS: the form of the address before a port.
host() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }

# family ADDRESS
family() { case $1 in *:*) echo 6 ;; *) echo 4 ;; esac; }

# Asks the API server of this machine, because the way through HAProxy is what is being mended here.
listed=$(kubectl --kubeconfig /etc/kubernetes/admin.conf --server "https://$(host "$VIP_NODE_ADDRESS"):6443" \
  --request-timeout 20s get nodes --selector node-role.kubernetes.io/control-plane --output \
  'jsonpath={range .items[*]}{.metadata.name}{range .status.addresses[?(@.type=="InternalIP")]} {.address}{end}{"\n"}{end}')

servers=
while read -r name addresses; do
  [ -n "$name" ] || continue
  server=
  for address in $addresses; do
    if [ "$(family "$address")" = "$(family "$VIP_NODE_ADDRESS")" ]; then server=$(host "$address"):6443 && break; fi
  done
  if [ -z "$server" ]; then
    echo "Node $name has no address yet: nothing is changed" >&2
    exit 1
  fi
  servers+="    server $name $server"$'\n'
done <<< "$listed"
if [ -z "$servers" ]; then
  echo "the API lists no control plane: nothing is changed" >&2
  exit 1
fi

wanted=$(sort <<< "${servers%$'\n'}")
if [ "$(grep '^    server ' "$config" | sort)" = "$wanted" ]; then exit 0; fi
umask 022 # HAProxy reads the file as a user of its own
# The servers stand at the end of the last section.
{ grep -v '^    server ' "$config" && echo "$wanted"; } > "$config.new"
haproxy -c -q -f "$config.new"
cp "$config" "$config.old"
mv "$config.new" "$config"
if ! systemctl reload firesteel-haproxy.service; then
  mv "$config.old" "$config"
  exit 1
fi
echo "HAProxy leads to:" && echo "$wanted"
