# Shared by the scripts beside it: messages, Debian packages, building. Sourced, not run.
# shellcheck shell=bash disable=SC2034  # the package lists are used by those who source this

# What building the program needs on Debian 12, and what running it on a throwaway server needs.
# Only what is missing is installed.
BUILD_PACKAGES=(g++ cmake ninja-build libpq-dev libsqlite3-dev libssl-dev libcli11-dev
  nlohmann-json3-dev libfmt-dev libboost-dev libeigen3-dev zlib1g-dev)
SERVER_PACKAGES=(postgresql-15)
# What cpack asks which libraries a program needs.
PACKAGING_PACKAGES=(dpkg-dev file)
# The second line reads what reports are written as; chromium is used where it is installed. The
# third tries what is made for shells, for man and for CI.
TEST_PACKAGES=(catch2 python3 python3-jsonschema pgbouncer openssl
  libxml2-utils python3-junitparser python3-prometheus-client
  zsh fish groff-base python3-yaml "${PACKAGING_PACKAGES[@]}")
# The second compiler with its sanitizers, and the two that read the sources.
CHECK_PACKAGES=(clang libclang-rt-14-dev clang-format clang-tidy)
# The folder in which a build from nothing needs this much, in MiB.
BUILD_SPACE=700

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

# need_packages NAME...: installs those that are missing, and touches nothing when none is. Says
# first what it will install.
need_packages() {
  local name missing=()
  if ! command -v dpkg-query >/dev/null; then
    need_programs "$@"
    return
  fi
  for name in "$@"; do
    if [[ $name == postgresql-* ]]; then
      if have_server; then continue; fi
      name=$(server_package "$name")
    fi
    is_installed "$name" || missing+=("$name")
  done
  [ ${#missing[@]} -eq 0 ] && return 0

  say "missing packages, to be installed with apt-get: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "neither root nor sudo is at hand. Ask an administrator to run
    apt-get install ${missing[*]}
  then start this again."
  fi
  install "${missing[@]}" || die "the packages could not be installed (output above).
  If the package mirror cannot be reached, install them another way, then start this again:
    apt-get install ${missing[*]}"
}

# On other distributions nothing is installed: what is there is used.
need_programs() {
  local name missing=()
  say "there is no dpkg here: nothing is installed. Needed are the equivalents of: $*"
  for name in g++ cmake ninja; do
    command -v "$name" >/dev/null || missing+=("$name")
  done
  have_server || missing+=("a PostgreSQL server (initdb, postgres)")
  if [ ${#missing[@]} -gt 0 ]; then
    die "missing: $(printf '%s, ' "${missing[@]}" | sed 's/, $//').
  Install them, then start this again."
  fi
  say "compiler, CMake, Ninja and a server are there; CMake checks the libraries"
}

# The server's package NAME, or on another release than Debian 12 the one that release has.
server_package() {
  if LC_ALL=C apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    echo "$1"
  elif LC_ALL=C apt-cache policy postgresql 2>/dev/null | grep -q 'Candidate: [0-9]'; then
    echo postgresql
  else
    echo "$1" # the lists of packages were not fetched yet
  fi
}

install() {
  local name
  apt_get update -qq || return
  LC_ALL=C apt-get install --no-install-recommends --assume-no "$@" 2>/dev/null |
    grep -E '^(Need to get|After this operation)' | sed 's/^/    /' || true
  for name in "$@"; do
    if [[ $name == postgresql* ]]; then
      without_services without_default_cluster install_packages "$@"
      return
    fi
  done
  without_services install_packages "$@"
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
  apt_get install -qq -y --no-install-recommends "$@"
}

# In a chroot or container apt's progress display has no terminal to draw on. What it prints is
# shown when it fails.
apt_get() {
  local log status=0
  log=$(mktemp)
  as_root env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -o Dpkg::Use-Pty=0 "$@" \
    </dev/null >"$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || tail -n 30 "$log" >&2
  rm -f "$log"
  return "$status"
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

# use_compiler_cache: where there is ccache.
use_compiler_cache() {
  command -v ccache >/dev/null || return 0
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache
  # Without this it keeps nothing of what is compiled with precompiled headers.
  export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
}

# Whether the tests are configured, too: ON or OFF. Where they are already, they stay.
BUILD_TESTING=ON

# configure PRESET: when that was not done yet, or without the tests that are wanted now.
configure() {
  local preset=$1 folder=build/$1
  if [ -f "$folder/build.ninja" ]; then
    if [ "$BUILD_TESTING" = OFF ] || grep -q '^BUILD_TESTING:BOOL=ON' "$folder/CMakeCache.txt"; then
      return
    fi
  fi
  say "configuring $preset"
  mkdir -p "$folder"
  if ! cmake --preset "$preset" "-DBUILD_TESTING=$BUILD_TESTING" >"$folder/configure.log" 2>&1; then
    tail -n 30 "$folder/configure.log" >&2
    rm -f "$folder/CMakeCache.txt" # what was not found is looked for again
    die "configuring failed (output above, whole in $folder/configure.log)"
  fi
}

# build PRESET [TARGET...]: builds what changed, configuring first where that was not done. Shows a
# count; what the compiler says is in a file, and shown when it fails.
build() {
  local preset=$1 log=build/$1/build.log
  shift
  use_compiler_cache
  need_space "build/$preset"
  configure "$preset"
  say "building $preset${1:+: $*}"
  if ! cmake --build --preset "$preset" ${1+--target "$@"} 2>&1 | tee "$log" | count_steps; then
    grep -vE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 60 >&2 || true
    if grep -q 'No space left on device' "$log"; then
      die "the disk is full; free some space, then start this again"
    fi
    die "the build failed (output above, whole in $log)"
  fi
}

# A line that is redrawn on a terminal, four lines elsewhere.
count_steps() {
  local line quarter shown=0
  while IFS= read -r line; do
    if [[ ! $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then continue; fi
    if [ -t 1 ]; then
      printf '\r    %s of %s\033[K' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
      continue
    fi
    quarter=$((BASH_REMATCH[1] * 4 / BASH_REMATCH[2]))
    if [ "$quarter" -le "$shown" ] || [ "${BASH_REMATCH[2]}" -lt 8 ]; then continue; fi
    shown=$quarter
    printf '    %s of %s\n' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
  done
  if [ -t 1 ]; then printf '\r\033[K'; fi
}

# need_space FOLDER: for a build from nothing.
need_space() {
  local free
  if [ -f "$1/build.ninja" ]; then return; fi
  mkdir -p "$1"
  free=$(LC_ALL=C df --output=avail -m "$1" | tail -n 1)
  if [ "$free" -lt "$BUILD_SPACE" ]; then
    die "$PWD/$1 needs $BUILD_SPACE MiB, and the disk has$free MiB free"
  fi
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

# What ctest is run by, if by anything.
TEST_RUNNER=()

# run_tests NAME PRESET [CTEST OPTION...]: leaves results and notes where summarize finds them.
run_tests() (
  name=$1 preset=$2
  shift 2
  results=$PWD/build/$preset/results
  mkdir -p "$results"
  prefer_memory_for_temporary_files
  clusters=$(mktemp -d) # which the tests' throwaway servers begin as copies of
  trap 'rm -rf "$clusters"' EXIT
  python3 tests/cli/prepared_cluster.py "$clusters"
  POOLGAUGE_TEST_NOTES=$results/$name.notes POOLGAUGE_TEST_CLUSTERS=$clusters "${TEST_RUNNER[@]}" \
    ctest --preset "$preset" --output-junit "$results/$name.xml" "$@" </dev/null
)

# forget_results PRESET
forget_results() {
  rm -rf "build/$1/results"
}

# summarize PRESET...: what ran, what was skipped and why; fails where something failed.
summarize() {
  local preset folders=()
  for preset in "$@"; do
    if [ -d "build/$preset/results" ]; then folders+=("build/$preset/results"); fi
  done
  python3 tests/summary.py "${folders[@]}"
}
