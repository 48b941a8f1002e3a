#!/usr/bin/env bash
# Gets a throwaway PostgreSQL with pgvector on a Debian-like machine and prints its URL.
#
#     scripts/pgvector-up.sh [name]           starts the server of that name (default: "default"), or finds it running
#     scripts/pgvector-up.sh --halt [name]    stops it and keeps its data: started again, it has the same URL
#     scripts/pgvector-up.sh --stop [name]    stops it and deletes its data
#
# Nothing is installed: the packages are unpacked into a directory of their own under ${TMPDIR:-/tmp}, which may be
# deleted at any time, and pgvector is compiled there where the distribution has no package of it. The server listens on
# the loopback address with a random password, and writes without fsync.
#
# Ends with 69 and one line on stderr where this machine cannot run it, with 1 where something broke.
set -euo pipefail

cannot() {
  echo "No PostgreSQL with pgvector here: $1" >&2
  exit 69
}
broke() {
  echo "PostgreSQL with pgvector could not be started: $1" >&2
  [ ! -f "${2:-}" ] || tail -n 20 "$2" >&2
  exit 1
}

action=start
case ${1:-} in
  --halt | --stop)
    action=${1#--}
    shift
    ;;
esac
name=${1:-default}
case $name in *[!A-Za-z0-9_-]* | '') broke "the name \"$name\" may have letters, digits, - and _ only." ;; esac

for tool in apt-get apt-cache dpkg flock; do
  command -v "$tool" >/dev/null || cannot "it needs $tool, of a Debian-like system."
done

home="${TMPDIR:-/tmp}/scoped-memory-pgvector-$(id -u)"
[ -e "$home" ] || mkdir -m 755 "$home" || broke "$home cannot be made."
[ -O "$home" ] && [ ! -L "$home" ] || broke "$home belongs to somebody else."
programs="$home/programs"
cluster="$home/$name"

# PostgreSQL refuses to run as root.
as_server=()
owner=$(id -un)
if [ "$(id -u)" = 0 ]; then
  owner=nobody
  as_server=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
  command -v setpriv >/dev/null || cannot "it needs setpriv, to run the server as a user other than root."
fi

exec 9>"$home/lock"
flock 9

if [ -f "$programs/ready" ]; then
  version=$(cat "$programs/ready")
else
  # ── What the archive has ────────────────────────────────────────────────────────────────────────────────────────
  version=$(apt-cache depends postgresql 2>/dev/null | sed -n 's/^ *Depends: postgresql-\([0-9]*\)$/\1/p')
  [ -n "$version" ] || cannot "apt knows no package \"postgresql\"; run apt-get update first."
  rm -rf "$programs"
  mkdir -p "$programs/packages/lists/partial" "$programs/packages/archives/partial"
  cd "$programs/packages"
  apt=(apt-get -qq -o "APT::Sandbox::User=$(id -un)")

  wanted=("postgresql-$version" "postgresql-client-$version")
  packaged=true
  apt-cache show "postgresql-$version-pgvector" >/dev/null 2>&1 && wanted+=("postgresql-$version-pgvector") || packaged=false
  # What these need and the machine lacks: a dry run names it, and is not undone.
  mapfile -t missing < <(apt-get install --no-install-recommends -s "${wanted[@]}" 2>/dev/null | sed -n 's/^Inst \([^ ]*\).*/\1/p')
  $packaged || wanted+=("postgresql-server-dev-$version")
  mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" "${missing[@]}" | sort -u | grep .)
  "${apt[@]}" download "${wanted[@]}" >apt.log 2>&1 || cannot "apt could not fetch ${wanted[*]}."
  for package in ./*.deb; do dpkg -x "$package" "$programs"; done

  # ── pgvector from source, where there is no package ─────────────────────────────────────────────────────────────
  if ! $packaged; then
    for tool in make cc tar; do
      command -v "$tool" >/dev/null || cannot "this release has no package of pgvector, and building it needs $tool."
    done
    archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
    # Its sources are in newer releases of the same archive; these lists are this directory's own.
    own=("${apt[@]}" -o "Dir::Etc::SourceList=$PWD/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$PWD/lists" -o "Dir::Cache=$PWD")
    for release in stable testing unstable; do
      echo "deb-src $archive $release main" >sources.list
      if "${own[@]}" update >>apt.log 2>&1 && "${own[@]}" source --download-only pgvector >>apt.log 2>&1; then break; fi
    done
    source=$(find . -name 'pgvector_*.orig.tar.*' | head -n 1)
    [ -n "$source" ] || cannot "apt could not fetch the source of pgvector."
    mkdir pgvector
    tar -xf "$source" -C pgvector --strip-components=1
    # PostgreSQL finds everything relative to its own place, so this pg_config speaks of the unpacked tree.
    make -s -C pgvector -j"$(nproc)" PG_CONFIG="$programs/usr/lib/postgresql/$version/bin/pg_config" with_llvm=no OPTFLAGS= install \
      >make.log 2>&1 || broke "pgvector did not compile." make.log
  fi
  cd /
  rm -rf "$programs/packages"
  echo "$version" >"$programs/ready"
fi

bin="$programs/usr/lib/postgresql/$version/bin"
LD_LIBRARY_PATH="$(dirname "$(find "$programs/usr/lib" -maxdepth 2 -name 'libpq.so*' -print -quit)" 2>/dev/null || true)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH
server() { "${as_server[@]}" "$@"; }
running() { [ -d "$cluster/data" ] && server "$bin/pg_ctl" -D "$cluster/data" status >/dev/null 2>&1; }

if [ $action != start ]; then
  if running; then server "$bin/pg_ctl" -D "$cluster/data" -m immediate -w stop >/dev/null; fi
  [ $action = halt ] || rm -rf "$cluster"
  exit 0
fi

if ! running; then
  port_before=
  if [ ! -f "$cluster/url" ]; then
    rm -rf "$cluster"
    install -d -m 700 -o "$owner" "$cluster"
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077 && echo "$password" >"$cluster/password" && chown "$owner" "$cluster/password")
    (cd "$cluster" && server "$bin/initdb" -D "$cluster/data" -U postgres -A scram-sha-256 --pwfile="$cluster/password" -E UTF8 \
      --locale=C.UTF-8 --no-sync) >"$home/initdb.log" 2>&1 || broke "initdb failed." "$home/initdb.log"
    rm "$cluster/password"
  else
    password=$(sed -E 's/.*:([0-9a-f]{32})@.*/\1/' "$cluster/url")
    port_before=$(sed -E 's/.*:([0-9]+)\/postgres$/\1/' "$cluster/url")
  fi
  # A port is known to be free only by taking it.
  port=
  for candidate in $port_before $((20000 + RANDOM)) $((20000 + RANDOM)) $((20000 + RANDOM)) $((20000 + RANDOM)); do
    if (cd "$cluster" && server "$bin/pg_ctl" -D "$cluster/data" -w -l "$cluster/log" \
      -o "-p $candidate -h 127.0.0.1 -k '' -c fsync=off -c wal_level=minimal -c max_wal_senders=0" start 9>&-) >/dev/null 2>&1; then
      port=$candidate
      break
    fi
  done
  [ -n "$port" ] || broke "the server does not start." "$cluster/log"
  (umask 077 && echo "postgres://postgres:$password@127.0.0.1:$port/postgres" >"$cluster/url")
fi
cat "$cluster/url"
