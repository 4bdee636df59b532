#!/usr/bin/env bash
# set_up.sh PYTHON VENV LOG RESOLUTION EXTRA...: makes the virtual environment VENV, with this
# package installed for working on it, or adds extras to it. Prints little; everything else goes
# into LOG. With the RESOLUTION lowest-direct, all that this package names is of the oldest version
# allowed; empty: the newest. With MOVENET_LIBRARY_ONLY, only what the library needs is installed.
# ROS_DISTRO names the distribution whose packages are taken.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 venv=$2 log=$3 resolution=$4
shift 4

if [ -z "${MOVENET_LIBRARY_ONLY:-}" ] && [ -e "$venv" ] &&
  [ "$(cat "$venv/.distro" 2> /dev/null)" != "$ROS_DISTRO" ]; then
  echo "$venv is not for $ROS_DISTRO, and the ROS packages of two distributions do not mix" \
    "-> rm -r $venv, or name another: make VENV=..." >&2
  exit 1
fi

mkdir -p "$(dirname "$log")"
: > "$log"

quietly() {
  if ! "$@" >> "$log" 2>&1; then
    tail -n 25 "$log" >&2
    echo "set-up failed; the whole log is in $log" >&2
    exit 1
  fi
}
pip() { quietly "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

# The names of extras alone: they are added to an environment that has the package.
packages=("$@")
if [ ! -e "$venv/.installed" ]; then
  if [ -z "${MOVENET_LIBRARY_ONLY:-}" ]; then
    bash scripts/check_prerequisites.sh "$python"
    packages+=(build)
  fi
  packages+=(run)
fi
echo "setting up $venv ($*): under a minute ..."
"$venv/bin/python" -m pip --version > /dev/null 2>&1 || quietly "$python" -m venv "$venv"
echo "$ROS_DISTRO" > "$venv/.distro"
# Half the time of a plain `pip install -e .`, which would unpack everything twice: once
# for building, once for running. Byte code is written when a module is first used.
"$venv/bin/python" build_backend/requirements.py "${packages[@]}" > "$venv/requirements.txt"
if [ "$resolution" ]; then
  # pip knows only the newest
  pip install uv
  quietly "$venv/bin/uv" pip install --python "$venv/bin/python" --resolution "$resolution" \
    -r "$venv/requirements.txt"
else
  pip install --no-compile -r "$venv/requirements.txt"
fi
if [ -z "${MOVENET_LIBRARY_ONLY:-}" ] && [ ! -e "$venv/.installed" ]; then
  pip install -v --no-build-isolation --no-deps -e .
fi
touch "$venv/.installed"
