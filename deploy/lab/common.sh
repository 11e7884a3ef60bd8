# Sourced by the scripts of deploy/lab. Where things are cached, and how a cached thing is made: built
# beside its place and renamed, so that an interrupted build leaves nothing half-done.
# shellcheck shell=bash
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${FIRESTEEL_CACHE:-${HOME:-/root}/.cache/firesteel}

# debian_source CODENAME: where apt has this release of Debian's from; nothing where it has no source for it.
# shellcheck disable=SC2016
debian_source() {
  apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)' 'Created-By: Packages' "Codename: $1" |
    sed -nE 's#^Debian( Backports)?\|(.*[^/])/*$#\2#p' | sort -u | head -n 1
}

# The Debian mirror that this machine itself installs from; others' packages may have sources beside it. Where
# apt has fetched no lists it cannot tell: then the first source.
debian_mirror() {
  debian_source "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" | grep . ||
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
