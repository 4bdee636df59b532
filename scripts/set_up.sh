#!/usr/bin/env bash
# set_up.sh PYTHON VENV LOG [RESOLUTION]: makes the virtual environment VENV, with this package
# installed for working on it. Prints progress and errors; all output goes into LOG. With
# RESOLUTION lowest-direct, direct dependencies are installed in the oldest version allowed.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 venv=$2 log=$3 resolution=${4:-}

bash scripts/check_prerequisites.sh "$python"

mkdir -p "$(dirname "$log")"
: > "$log"

quietly() {
  if ! "$@" >> "$log" 2>&1; then
    tail -n 25 "$log" >&2
    echo "set-up failed; the whole log is in $log" >&2
    exit 1
  fi
}

echo "setting up $venv: getting packages, building messages (about 1 min) ..."
"$venv/bin/python" -m pip --version > /dev/null 2>&1 || quietly "$python" -m venv "$venv"
pip() { quietly "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

# Half the time of a plain `pip install -e .`, which would unpack everything twice: once
# for building, once for running. Byte code is written when a module is first used.
"$venv/bin/python" build_backend/requirements.py build run litert evaluate test > "$venv/requirements.txt"
if [ "$resolution" ]; then
  # pip knows only the newest
  pip install uv
  quietly "$venv/bin/uv" pip install --python "$venv/bin/python" --resolution "$resolution" \
    -r "$venv/requirements.txt"
else
  pip install --no-compile -r "$venv/requirements.txt"
fi
pip install -v --no-build-isolation --no-deps -e .
