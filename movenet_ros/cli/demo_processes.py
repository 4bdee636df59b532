"""The processes of a demo."""
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from movenet_ros.fastdds_profile import use_large_image_profile
from movenet_ros.ros_environment import isolated, own_domain

START_TIMEOUT = 30.0  # s, for the node, and then for the camera
END_TIMEOUT = 10.0  # s, for a process to end


@contextmanager
def keeping_to_ourselves(logs: Path) -> Iterator[None]:
    """Sets the environment of this process and its children: no other robot is disturbed."""
    with own_domain(os.environ) as domain:
        os.environ.update(isolated(os.environ, domain, logs))
        use_large_image_profile()
        yield


@contextmanager
def child(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another `movenet` command, which ends with the block."""
    with subprocess.Popen([sys.executable, '-m', 'movenet_ros.cli', *words],
                          start_new_session=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(END_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
