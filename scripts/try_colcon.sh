#!/usr/bin/env bash
# try_colcon.sh PYTHON VENV WORK: builds this package with colcon, as on a ROS installation,
# uses what that installs, and runs the tests of messages with it. The ROS packages come from pip,
# so that none need be there.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1 venv=$PWD/$2 work=$PWD/$3
bash scripts/check_prerequisites.sh "$python"

# A clean copy. It also keeps the virtual environment out of the source folder, where CMake
# would reject NumPy's headers.
source=$work/src/movenet_ros
rm -rf "$work"
mkdir -p "$source"
tar -c --exclude=./.git --exclude='./.venv*' --exclude=./build --exclude=./out . |
  tar -x -C "$source"

quietly() {
  "$@" > "$work/log.txt" 2>&1 || { tail -n 25 "$work/log.txt" >&2; exit 1; }
}

if [ ! -e "$venv/.set-up" ]; then
  echo 'getting colcon and the ROS packages (about 1 min) ...'
  quietly "$python" -m venv "$venv"
  "$python" build_backend/requirements.py build run > "$venv/requirements.txt"
  quietly "$venv/bin/python" -m pip --disable-pip-version-check install --no-compile \
    colcon-common-extensions ros-ament-cmake-pytest hypothesis pytest pytest-timeout \
    -r "$venv/requirements.txt"
  touch "$venv/.set-up"
fi
export PATH=$venv/bin:$PATH AMENT_PREFIX_PATH=$venv CMAKE_PREFIX_PATH=$venv

use() {
  prefix=$1
  quietly "$prefix/lib/movenet_ros/movenet" --help
  quietly ls "$prefix"/share/movenet_ros/{clips,config,examples,launch,models}
  quietly python -c 'import movenet_ros.config, movenet_ros.msg, pathlib, sys
movenet_ros.msg.PoseArray()
for module in movenet_ros, movenet_ros.config, movenet_ros.msg:
    assert module.__file__.startswith(sys.argv[1]), module.__file__
page = pathlib.Path(movenet_ros.__file__).parent / "tools/view/page"
assert {path.name for path in page.iterdir()} == {"index.html", "view.css", "view.js"}' "$prefix"
}

cd "$work"
for option in '' --symlink-install; do
  echo "colcon build $option (about 20 s) ..."
  rm -rf build install
  quietly colcon build $option --cmake-args -G Ninja \
    "-DPython3_EXECUTABLE=$venv/bin/python" "-DCMAKE_PROJECT_INCLUDE=$source/cmake/wheels.cmake"
  # in a shell of its own, as colcon's set-up files change the environment
  (set +u && source install/setup.bash && use "$work/install/movenet_ros")
done

# with --symlink-install, a changed module needs no new build
link=$(find install -path '*/movenet_ros/errors.py')
[ "$(readlink -f "$link")" = "$source/movenet_ros/errors.py" ]
echo 'colcon test (about 10 s) ...'
quietly colcon test --ctest-args -R '^messages$'
quietly colcon test-result
ls build/movenet_ros/test_results/movenet_ros/messages.xunit.xml > /dev/null
echo 'built both ways; the messages, the command and the tests work'
