# Sourced. A way out of the lab's namespace, for the two cases that need one: the real Flatcar, and a management
# cluster that runs elsewhere. Needs: state, netns, address. shellcheck shell=bash disable=SC2154
uplink_link=fs${netns#fs-}
uplink_host=10.77.254.1
uplink_lab=10.77.254.2

# uplink_up [internet]: this machine and the lab reach each other; with "internet" the lab's machines
# reach what this machine reaches.
uplink_up() {
  if ! ip link show "$uplink_link" > /dev/null 2>&1; then
    ip link add "$uplink_link" type veth peer name uplink netns "$netns"
    ip addr add $uplink_host/30 dev "$uplink_link"
    ip link set "$uplink_link" up
    ip -n "$netns" addr add $uplink_lab/30 dev uplink
    ip -n "$netns" link set uplink up
    ip -n "$netns" route add default via $uplink_host
    ip route add "${address%.*}.0/24" via $uplink_lab
    ip netns exec "$netns" sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
  fi
  if [ "${1:-}" = internet ]; then uplink_masquerade; fi
}

uplink_masquerade() {
  local table="firesteel_$uplink_link"
  [ -e "$state/ip_forward" ] || cat /proc/sys/net/ipv4/ip_forward > "$state/ip_forward"
  echo 1 > /proc/sys/net/ipv4/ip_forward
  nft list table ip "$table" > /dev/null 2>&1 && return
  nft -f - <<RULES
table ip $table {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr { ${address%.*}.0/24, $uplink_lab } oifname != "$uplink_link" masquerade
  }
}
RULES
  mkdir -p "/etc/netns/$netns"
  uplink_nameservers | sed 's/^/nameserver /' > "/etc/netns/$netns/resolv.conf"
}

# The name servers that this machine uses; a resolver on its loopback cannot be reached from the lab.
uplink_nameservers() {
  awk '$1 == "nameserver" && $2 !~ /^127\./ && $2 !~ /:/ {print $2}' /run/systemd/resolve/resolv.conf /etc/resolv.conf 2> /dev/null |
    sort -u | grep . || { echo "no name server but on loopback in /etc/resolv.conf" >&2; return 1; }
}

uplink_down() {
  nft delete table ip "firesteel_$uplink_link" 2> /dev/null || true
  if [ -e "$state/ip_forward" ]; then
    cat "$state/ip_forward" > /proc/sys/net/ipv4/ip_forward
    rm -f "$state/ip_forward"
  fi
  rm -rf "/etc/netns/$netns"
  ip link del "$uplink_link" 2> /dev/null || true
}
