# Shared by the scripts beside it: messages, Debian packages, building. Sourced, not run.
# shellcheck shell=bash disable=SC2034  # the package lists are used by those who source this

# What building and running needs on Debian 12. Only what is missing is installed.
BUILD_PACKAGES=(g++ cmake ninja-build libpq-dev libssl-dev libcli11-dev nlohmann-json3-dev
  libfmt-dev libboost-dev libeigen3-dev zlib1g-dev)
# What cpack asks which libraries a program needs.
PACKAGING_PACKAGES=(dpkg-dev file)
# The server's own programs; the tool starts throwaway servers from them.
SERVER_PACKAGES=(postgresql-15)
# The second line reads what reports are written as; chromium is used where it is installed. The
# third tries what is made for shells, for man and for CI.
TEST_PACKAGES=(catch2 python3 python3-jsonschema pgbouncer
  libxml2-utils python3-junitparser python3-prometheus-client
  zsh fish groff-base python3-yaml "${PACKAGING_PACKAGES[@]}")
# The second compiler with its sanitizers, and the two that read the sources.
CHECK_PACKAGES=(clang libclang-rt-14-dev clang-format clang-tidy)

say() { printf '==> %s\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -- "$@"; fi
}

is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Any server version will do where there is one already.
have_server() {
  local initdb
  command -v initdb >/dev/null && return 0
  for initdb in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$initdb" ] && return 0
  done
  return 1
}

# need_packages NAME...: installs those that are missing, and touches nothing when none is.
need_packages() {
  local name missing=()
  command -v dpkg-query >/dev/null ||
    die "this is no Debian; install the equivalents of: $* and see README.md, \"Building\""
  for name in "$@"; do
    if [[ $name == postgresql-* ]] && have_server; then continue; fi
    is_installed "$name" || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "missing packages: ${missing[*]}
  neither root nor sudo is at hand; ask an administrator for: apt-get install ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  apt_get update -q
  for name in "${missing[@]}"; do
    if [[ $name == postgresql-* ]]; then
      without_services without_default_cluster install_packages "${missing[@]}"
      return
    fi
  done
  without_services install_packages "${missing[@]}"
}

# A package such as pgbouncer starts its service when it is installed, which nobody asked for here.
# Debian asks this file first; where there is one already, it is its owner's to decide.
without_services() {
  local file=/usr/sbin/policy-rc.d status=0
  if [ -e "$file" ]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$file" >/dev/null
  as_root chmod 755 "$file"
  "$@" || status=$?
  as_root rm -f "$file"
  return "$status"
}

install_packages() {
  apt_get install -q -y --no-install-recommends "$@"
}

# In a chroot or container apt's progress display has no terminal to draw on.
apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# Installing a server package normally creates and starts a cluster on port 5432. Nobody asked for
# that here, so it is switched off for the time of this installation: postgresql-common brings the
# file that decides it, and afterwards the file is as its package wrote it.
without_default_cluster() {
  local file=/etc/postgresql-common/createcluster.conf saved status=0
  install_packages postgresql-common
  saved=$(mktemp)
  cp "$file" "$saved"
  echo "create_main_cluster = false" | as_root tee -a "$file" >/dev/null
  "$@" || status=$?
  as_root tee "$file" <"$saved" >/dev/null
  rm -f "$saved"
  return "$status"
}

# build PRESET [TARGET...]: configures when that was not done yet, then builds what changed.
# The whole of it takes minutes the first time and about a second the next.
build() {
  local preset=$1
  shift
  if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache
    # Without this it keeps nothing of what is compiled with precompiled headers.
    export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
  fi
  if [ ! -f "build/$preset/build.ninja" ]; then
    say "configuring $preset"
    cmake --preset "$preset" >/dev/null
  fi
  say "building $preset"
  cmake --build --preset "$preset" ${1+--target "$@"}
}

# Each throwaway server is a thousand small files, and file systems on disks are slow to make those
# anew where as many were just removed. Memory is used where there is enough.
prefer_memory_for_temporary_files() {
  local memory=/dev/shm free
  if [ -n "${TMPDIR:-}" ] || [ ! -w "$memory" ]; then return; fi
  if grep -q " $memory .*noexec" /proc/mounts; then return; fi
  free=$(df --output=avail "$memory" 2>/dev/null | tail -n 1) || return 0
  if [ "${free:-0}" -gt 4000000 ]; then export TMPDIR=$memory; fi
}

# run_tests PRESET [CTEST OPTION...]: the soak tests run for hours and only when asked for by name.
run_tests() {
  local preset=$1
  shift
  say "testing $preset"
  prefer_memory_for_temporary_files
  ctest --preset "$preset" --parallel "$(nproc)" "$@" </dev/null
}
