#!/usr/bin/env bash
# check_prerequisites.sh PYTHON: reports in one line what the set-up lacks, and the remedy.
python=$1
name=$(basename "$python")

missing() {
  echo "missing: $1 -> $2" >&2
  exit 1
}

# Only the first word: CC may hold options, or start with a compiler cache.
has() { command -v "${1%% *}" > /dev/null; }

yes() { "$python" -c "$1" > /dev/null 2>&1; }

[ "$(uname -sm)" = 'Linux x86_64' ] ||
  missing 'Linux on x86-64, for which there are ROS wheels' \
    'build with colcon on a ROS 2 installation instead'

has "$python" || missing "$python" 'apt install python3, or name another: make PYTHON=...'

yes 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' ||
  missing "Python 3.10 to 3.13, for which there are ROS wheels ($python is another)" \
    'install one and name it, as in: make PYTHON=python3.12'

yes 'import ensurepip, venv' || missing "the venv module of $name" "apt install $name-venv"

yes 'import pathlib, sys, sysconfig
sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file())' ||
  missing "the C headers of $name" "apt install $name-dev"

# The messages are compiled from generated C and C++.
has "${CC:-cc}" || missing 'a C compiler' 'apt install gcc g++'
has "${CXX:-c++}" || missing 'a C++ compiler' 'apt install g++'
