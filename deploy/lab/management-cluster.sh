# Sourced. A management cluster where there is none: etcd and kube-apiserver, nothing else.
# Needs: state, netns, lab, kubeconfig, in_management, daemons.sh, pki.sh. shellcheck shell=bash disable=SC2154

management_pki() {
  local dir=$state/management
  mkdir -p "$dir"
  make_ca "$dir" ca "firesteel management"
  make_leaf "$dir" ca apiserver "/CN=kube-apiserver" "IP:127.0.0.1,DNS:localhost,IP:10.0.0.1"
  make_leaf "$dir" ca admin "/O=system:masters/CN=admin"
  [ -e "$dir/sa.key" ] || openssl genrsa -out "$dir/sa.key" 2048 2> /dev/null
  [ -e "$dir/kubeconfig" ] || (
    umask 077
    cat > "$dir/kubeconfig" <<KUBECONFIG
apiVersion: v1
kind: Config
clusters: [{name: management, cluster: {server: "https://127.0.0.1:16443", certificate-authority: $dir/ca.crt}}]
users: [{name: admin, user: {client-certificate: $dir/admin.crt, client-key: $dir/admin.key}}]
contexts: [{name: management, context: {cluster: management, user: admin, namespace: default}}]
current-context: management
KUBECONFIG
  )
}

# The lab's etcd does not wait for the disk, because nothing in it outlives the lab.
etcd_start() {
  start_daemon etcd etcd --data-dir "$state/management/etcd" --unsafe-no-fsync --log-level error --name management \
    --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 \
    --listen-peer-urls http://127.0.0.1:12380 --initial-advertise-peer-urls http://127.0.0.1:12380 \
    --initial-cluster management=http://127.0.0.1:12380
}

apiserver_start() {
  local dir=$state/management
  start_daemon apiserver "$("$lab/tools" path kube-apiserver)" --etcd-servers http://127.0.0.1:12379 --secure-port 16443 \
    --bind-address 127.0.0.1 --advertise-address "$address" --service-cluster-ip-range 10.0.0.0/24 --authorization-mode RBAC \
    --client-ca-file "$dir/ca.crt" --tls-cert-file "$dir/apiserver.crt" --tls-private-key-file "$dir/apiserver.key" \
    --service-account-issuer https://management --service-account-key-file "$dir/sa.key" \
    --service-account-signing-key-file "$dir/sa.key"
}

management_kubectl() {
  in_management env KUBECONFIG="$kubeconfig" "$("$lab/tools" path kubectl)" "$@"
}
