#!/usr/bin/env bash
# Runs PgBouncer in the foreground on a Debian-like machine.
#
#     scripts/pgbouncer.sh pgbouncer.ini
#
# Nothing is installed: the packages are unpacked into a directory of their own under ${TMPDIR:-/tmp}, which may be
# deleted at any time.
#
# Ends with 69 and one line on stderr where this machine cannot run it.
set -euo pipefail

cannot() {
  echo "No PgBouncer here: $1" >&2
  exit 69
}

for tool in apt-get dpkg flock; do
  command -v "$tool" >/dev/null || cannot "it needs $tool, of a Debian-like system."
done

home="${TMPDIR:-/tmp}/scoped-memory-pgbouncer-$(id -u)"
[ -e "$home" ] || mkdir -m 755 "$home"
[ -O "$home" ] && [ ! -L "$home" ] || cannot "$home belongs to somebody else."

exec 9>"$home/lock"
flock 9
if [ ! -f "$home/ready" ]; then
  rm -rf "$home/packages" "$home/programs"
  mkdir "$home/packages" "$home/programs"
  cd "$home/packages"
  # Of what it needs, the libraries that the machine lacks: a dry run names them.
  mapfile -t wanted < <(apt-get install --no-install-recommends -s pgbouncer 2>/dev/null | sed -n 's/^Inst \(lib[^ ]*\|pgbouncer\) .*/\1/p')
  [ ${#wanted[@]} -gt 0 ] || wanted=(pgbouncer)
  apt-get -qq -o "APT::Sandbox::User=$(id -un)" download "${wanted[@]}" >apt.log 2>&1 || cannot "apt could not fetch ${wanted[*]}."
  for package in ./*.deb; do dpkg -x "$package" "$home/programs"; done
  cd /
  rm -rf "$home/packages"
  touch "$home/ready"
fi
exec 9>&-

LD_LIBRARY_PATH="$(find "$home/programs" -name '*.so*' -printf '%h\n' | sort -u | paste -sd: -)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH
run=("$home/programs/usr/sbin/pgbouncer" "$1")
[ "$(id -u)" = 0 ] || exec "${run[@]}"
# It refuses to run as root.
command -v setpriv >/dev/null || cannot "it needs setpriv, to run as a user other than root."
exec setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "${run[@]}"
