# `make` lists what there is. ROS 2 need not be installed: the packages come from pip.
PYTHON ?= python3
DISTRO ?= jazzy
VENV ?= .venv
LOG ?= out/setup.log
# lowest-direct: the oldest versions that are allowed, instead of the newest
RESOLUTION ?=
# a folder with TensorFlow.js, for bench to compare with: see `movenet benchmark --help`
TFJS ?=
# which tests `make test` runs, as options of pytest
TESTS ?=
# how long soak runs
MINUTES ?= 20

# Whatever changes the installed messages or metadata; Python modules are used where they lie.
SOURCES := $(wildcard msg/*.msg srv/*.srv build_backend/*.py cmake/*.cmake) \
  CMakeLists.txt package.xml pyproject.toml setup.py scripts/movenet
# To run; to run the tests as well.
INSTALLED := $(VENV)/.installed
STAMP := $(VENV)/.set-up

# What has to be covered. Keras, and TensorFlow for the import of models, are not in VENV.
COVERED := --include='*/core/*,*/engines/*,*/images/*,*/messages/*,*/files/*,*/library.py' \
  --omit='*/engines/keras/*,*/engines/importer/*'

# A ROS installation that happens to be sourced would mix its packages with ours.
unexport AMENT_PREFIX_PATH CMAKE_PREFIX_PATH COLCON_PREFIX_PATH LD_LIBRARY_PATH PYTHONPATH
unexport _ROS_WHEELS_BOOTSTRAP_COMPLETE
# Without byte code, each of the hundreds of processes that tests start compiles all that it imports,
# and each process of pytest rewrites all assertions again.
unexport PYTHONDONTWRITEBYTECODE
export ROS_DISTRO := $(DISTRO)

.PHONY: help setup demo demo-3d test test-keras coverage soak load lint docs bench generate changelog colcon kilted lowest clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: $(STAMP)  ## make .venv with this package in it, editable
	@echo '$(VENV) is ready'

$(INSTALLED): $(SOURCES)
	@rm -f $@
	@bash scripts/set_up.sh '$(PYTHON)' '$(VENV)' '$(LOG)' '$(RESOLUTION)' litert

$(STAMP): $(INSTALLED)
	@bash scripts/set_up.sh '$(PYTHON)' '$(VENV)' '$(LOG)' '$(RESOLUTION)' litert evaluate test
	@touch $@

demo: $(INSTALLED)  ## show poses on a sample clip, without a camera
	@$(VENV)/bin/movenet demo

demo-3d: $(INSTALLED)  ## show poses in metres on a drawn scene, without a depth camera
	@$(VENV)/bin/movenet demo --three-d --output out/demo-3d

# Two at a time. A module that uses ROS has one node for all its tests, so it stays in one process;
# each process has a ROS domain of its own. What counts images that the middleware loses runs alone.
ALONE := test/ros/test_node_transport.py test/ros/test_node_pauses.py test/ros/test_node_cameras.py
WITH_ROS := -m ros -n 2 --dist loadfile $(ALONE:%=--ignore=%)

test: $(STAMP)  ## run all tests: those without ROS, then those with ROS; or TESTS
ifdef TESTS
	@$(VENV)/bin/python -m pytest $(TESTS)
else
	@$(VENV)/bin/python -m pytest -m 'not ros' -n 2
	@$(VENV)/bin/python -m pytest $(WITH_ROS)
	@$(VENV)/bin/python -m pytest $(ALONE)
endif

# Only what can differ there: test modules that name a package which that venv has and VENV lacks, or
# ROS, which it lacks itself (the marker `installed`, see test/conftest.py); the conformance of the
# pipeline; and the commands. Whatever imports ROS unasked fails when all modules are loaded.
test-keras:  ## run the tests of what needs Keras, Rerun or Dask, or differs without ROS, in a venv of its own
	@test -e .venv-keras/.installed || MOVENET_LIBRARY_ONLY=1 bash scripts/set_up.sh \
	  '$(PYTHON)' .venv-keras out/setup-keras.log '' litert evaluate keras-cpu rerun fleet fleet-test test
	@PYTHONPATH='$(CURDIR)' .venv-keras/bin/python -m pytest -m 'installed and not ros' -n 2

coverage: $(STAMP)  ## run all tests, and tell which lines none of them runs
	@$(VENV)/bin/coverage erase
	@$(VENV)/bin/coverage run -m pytest
	@$(VENV)/bin/coverage combine --quiet
	@$(VENV)/bin/coverage report
	@$(VENV)/bin/coverage report --fail-under=95 $(COVERED)

# On Kilted: rclpy of Jazzy does not say whose an image is, so where a topic has two publishers, a
# camera that was killed and the next one, not every image can be counted.
soak:  ## 20 minutes of images and faults (MINUTES=2 for two); writes out/soak.md
	@$(MAKE) --no-print-directory setup DISTRO=kilted VENV=.venv-kilted
	@ROS_DISTRO=kilted .venv-kilted/bin/python test/soak.py --minutes $(MINUTES) \
	  --report out/soak.md --json out/soak.json

load: $(STAMP)  ## more images than the node can answer; writes out/load.md
	@$(VENV)/bin/python test/soak.py --load --report out/load.md --json out/load.json

# rclpy states all of its types from Kilted on: mypy reads them, and nothing else does.
RCLPY_TYPES := $(VENV)/rclpy-types

$(RCLPY_TYPES): | $(INSTALLED)
	@$(VENV)/bin/python -m pip --disable-pip-version-check install -q --no-deps --no-compile \
	  --ignore-installed --prefix $@ 'ros-rclpy~=9.1'

lint: $(STAMP) $(RCLPY_TYPES)  ## check style and types
	@$(VENV)/bin/ruff check .
	@MYPYPATH="$$(echo $(RCLPY_TYPES)/lib/python3*/site-packages)" $(VENV)/bin/mypy

docs:  ## build the documentation into out/docs; in a virtual environment of its own
	@test -d .venv-docs || $(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip --disable-pip-version-check install -q -r docs/requirements.txt
	@.venv-docs/bin/python -m sphinx -q -W --keep-going -E docs out/docs
	@echo 'out/docs/index.html'

bench: $(STAMP)  ## measure speed; writes docs/performance.md, out/bench.json
	@mkdir -p out
	@$(VENV)/bin/movenet benchmark --markdown docs/performance.md --json out/bench.json \
	  --plot docs/images/performance.png $(if $(TFJS),--tfjs '$(TFJS)')

generate: $(STAMP)  ## write config/movenet.yaml and docs/parameters.md
	@$(VENV)/bin/movenet params --update .

changelog:  ## write CHANGELOG.rst, for a release on the ROS build farm
	@$(PYTHON) scripts/changelog_rst.py

colcon:  ## build, use and test the package as on a ROS installation
	@bash scripts/try_colcon.sh '$(PYTHON)' .venv-colcon-$(DISTRO) out/colcon

# What depends on the distribution: rclpy, QoS, message information, lifecycle, transport.
DISTRO_TESTS := test/ros test/tools/test_node_replay.py test/tools/test_replay_camera.py \
  test/tools/test_replay_equals_live.py test/tools/test_depth_replay_equals_live.py \
  test/tools/test_record.py test/tools/view/test_live_view.py
SAME_ON_ALL := test/ros/test_node_bad_images.py test/ros/test_node_fuzz.py \
  test/ros/test_node_hangs.py test/ros/test_node_hostile_text.py \
  test/ros/test_node_image_warnings.py test/ros/test_refine_cost.py

kilted:  ## run the tests of what depends on the distribution, on the Kilted wheels
	@$(MAKE) --no-print-directory test DISTRO=kilted VENV=.venv-kilted \
	  TESTS='$(WITH_ROS) $(DISTRO_TESTS) $(SAME_ON_ALL:%=--ignore=%)'
	@$(MAKE) --no-print-directory test DISTRO=kilted VENV=.venv-kilted TESTS='$(ALONE)'

lowest:  ## run all tests on the oldest packages allowed: make lowest PYTHON=python3.10
	@$(MAKE) --no-print-directory test VENV=.venv-lowest RESOLUTION=lowest-direct

clean:  ## remove everything that the other targets made
	rm -rf .venv .venv-colcon-* .venv-docs .venv-keras .venv-kilted .venv-lowest .coverage* build dist out *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
