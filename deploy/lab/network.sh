# Sourced. The boot network: a network namespace with a bridge, one tap a machine, and an external DHCP and DNS
# server that knows nothing of booting but next-server and filename. Needs: state, netns, daemons.sh.
# shellcheck shell=bash disable=SC2154
address=10.77.0.1

network_up() {
  local i
  if ip netns list | grep -qw "$netns"; then return; fi
  ip netns add "$netns"
  ip -n "$netns" link set lo up
  ip -n "$netns" link add br0 type bridge stp_state 0 forward_delay 0
  ip -n "$netns" addr add $address/24 dev br0
  ip -n "$netns" link set br0 up
  for i in 1 2 3; do
    ip -n "$netns" tuntap add "tap$i" mode tap
    ip -n "$netns" link set "tap$i" master br0 up
  done
}

network_down() { ip netns del "$netns" 2> /dev/null || true; }

dhcp_start() {
  start_daemon dhcp dnsmasq --conf-file=/dev/null --keep-in-foreground --pid-file= --interface=br0 --bind-interfaces \
    --no-hosts --dhcp-leasefile="$state/run/leases" --log-facility=- --dhcp-range=10.77.0.100,10.77.0.200,1h \
    --dhcp-option=option:router,$address --dhcp-boot=undionly.kpxe,,$address \
    --dhcp-match=set:uefi,option:client-arch,7 --dhcp-boot=tag:uefi,snponly.efi,,$address \
    --dhcp-host=52:54:00:77:00:01,10.77.0.11 --dhcp-host=52:54:00:77:00:02,10.77.0.12
}

# route_pods: the lab's router knows where each Node's Pods are, in place of a pod network between the Nodes.
# Reads "POD-NETWORK NODE-ADDRESS" lines.
route_pods() {
  local pods node
  ip netns exec "$netns" sysctl -qw net.ipv4.ip_forward=1
  while read -r pods node; do ip -n "$netns" route replace "$pods" via "$node"; done
}
