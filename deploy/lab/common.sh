# Sourced by the scripts of deploy/lab. Where things are cached, and how a cached thing is made: built
# beside its place and renamed, so that an interrupted build leaves nothing half-done.
# shellcheck shell=bash
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${FIRESTEEL_CACHE:-$HOME/.cache/firesteel}

# The Debian mirror that this machine itself installs from.
debian_mirror() {
  awk '/^URIs:/ {print $2; exit}' /etc/apt/sources.list.d/*.sources 2>/dev/null | grep . ||
    awk '$1 == "deb" {for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) {print $i; exit}}' /etc/apt/sources.list
}

# key FILE…: a short hash of the files, for the name of what is built from them.
key() { cat "$@" | sha256sum | cut -c1-12; }

# debian_tree DIR VARIANT PACKAGES [MMDEBSTRAP ARGUMENT…]: a Debian trixie tree.
debian_tree() {
  local dir=$1 variant=$2 packages=$3
  shift 3
  # Old point releases and sid on a frozen mirror carry expired dates; signatures are still checked.
  mmdebstrap --mode=root --variant="$variant" --architectures=amd64 --include="$packages" \
    --aptopt='Apt::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' "$@"
  test -d "$dir"
}

signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
