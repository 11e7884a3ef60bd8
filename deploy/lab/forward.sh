# Sourced. Servers of the lab's network namespace, reached from this machine's loopback: for the user's own kubectl.
# Needs: state, netns, lab, daemons.sh, management_kubectl. shellcheck shell=bash disable=SC2154

# A port of this machine's loopback that nobody listens on; the first one asked for, if that is free.
free_port() {
  python3 - "$1" <<'PYTHON'
import socket
import sys

for port in (int(sys.argv[1]), 0):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(listener.getsockname()[1])
        break
PYTHON
}

# forward_port NAME [PORT]: the port of a forward; once chosen it stays, because kubeconfigs name it.
forward_port() {
  [ -s "$state/run/$1.port" ] || free_port "$2" > "$state/run/$1.port"
  cat "$state/run/$1.port"
}

# forward_start NAME PORT HOST:PORT: a listener of this machine whose connections go on inside the lab.
forward_start() {
  daemon_netns='' start_daemon "$1" systemd-socket-activate --listen="127.0.0.1:$(forward_port "$1" "$2")" \
    ip netns exec "$netns" /lib/systemd/systemd-socket-proxyd "$3"
}

kubectl_config() { "$("$lab/tools" path kubectl)" config "$@"; }

# write_kubeconfig: $state/kubeconfig works anywhere on this machine. Context "management", and "quickstart" once
# that cluster's credentials are there.
write_kubeconfig() {
  local out=$state/kubeconfig part=$state/run/kubeconfig.part workload=$state/run/workload.kubeconfig
  (
    umask 077
    KUBECONFIG=$kubeconfig kubectl_config view --raw --flatten > "$part"
    if own_management; then
      KUBECONFIG=$part kubectl_config set-cluster management "--server=https://127.0.0.1:$(forward_port forward-management 16443)"
    fi
    if [ -s "$workload" ]; then
      KUBECONFIG=$part:$workload kubectl_config view --raw --flatten > "$part.both"
      mv "$part.both" "$part"
      KUBECONFIG=$part kubectl_config rename-context "$(KUBECONFIG=$workload kubectl_config current-context)" quickstart
      KUBECONFIG=$part kubectl_config set-cluster quickstart "--server=https://127.0.0.1:$(forward_port forward-workload 16444)" \
        --tls-server-name=10.77.0.11
    fi
  ) > /dev/null
  mv "$part" "$out"
}
