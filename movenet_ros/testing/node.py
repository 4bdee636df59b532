"""The node in a process and a ROS domain of its own, for a test to play recordings to."""
from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import yaml

from movenet_ros.config.parameter import Value
from movenet_ros.errors import MovenetError, SourceError, printable_block
from movenet_ros.ros_environment import isolated, own_domain
from movenet_ros.testing.recordings import deserialize

if TYPE_CHECKING:
    from movenet_ros.msg import PoseArray

START = 60.0    # s, for the node to be active: loading a network may take its time
END = 10.0      # s, for a process to end
POLL = 0.05     # s
LOG_LINES = 12  # of the node, in an error
STARTED = re.compile(
    r'^\[[A-Z]+\] \[[^]]*\] \[movenet\]: (active: |cannot (?:configure|activate): )', re.MULTILINE)


class NodeTestError(MovenetError):
    """The node did not start, ended, or did not answer; with the end of its log.

    As text it has several lines: those after the first, of the log, are indented.
    """

    def __str__(self) -> str:
        return printable_block(self._message())


class MovenetTestNode:
    """A node that was started for a test, and ends with the `with` block.

    Attributes:
        left_out: How many images `play` has left out so far because they cannot be read.
    """

    def __init__(self, parameters: Mapping[str, Value] | None = None, *,
                 params_file: str | Path | None = None) -> None:
        """Prepares the node.

        Args:
            parameters: By their names, such as `filter.enabled`; they win over the file.
            params_file: A file of ROS parameters for the node `/movenet`.
        """
        self._parameters = {**(parameters or {}), 'autostart': True}
        self._params_file = params_file
        self._stack = ExitStack()
        self._process: subprocess.Popen[Any] | None = None
        self._last_log = ''
        self.left_out = 0

    def __enter__(self) -> MovenetTestNode:
        """Starts the node, and waits until it is active.

        Raises:
            NodeTestError: It has ended, or its network cannot be loaded; with what it logged.
        """
        with ExitStack() as stack:
            folder = Path(stack.enter_context(
                tempfile.TemporaryDirectory(prefix='movenet_ros_testing_')))
            domain = stack.enter_context(own_domain(os.environ))
            self._environment = _environment(domain, folder)
            self._log = folder / 'node.log'
            own = folder / 'parameters.yaml'
            own.write_text(yaml.safe_dump({'/**': {'ros__parameters': self._parameters}}),
                           encoding='utf-8')
            given = [self._params_file] if self._params_file else []
            files = [word for file in (*given, own) for word in ('--params-file', str(file))]
            with self._log.open('wb') as log:
                process = subprocess.Popen(
                    [sys.executable, '-m', 'movenet_ros.ros.main', '--ros-args', *files],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment,
                    start_new_session=True)
            self._process = process
            stack.callback(self._finish, process)
            self._wait_until_active(process)
            self._stack = stack.pop_all()
        return self

    def _finish(self, process: subprocess.Popen[Any]) -> None:
        _end(process)
        self._last_log, self._process = self.log, None

    def _wait_until_active(self, process: subprocess.Popen[Any]) -> None:
        deadline = time.monotonic() + START
        while not (found := STARTED.search(self.log)):
            if process.poll() is not None:
                raise NodeTestError(self._with_log('the node did not start'))
            if time.monotonic() > deadline:
                raise NodeTestError(self._with_log(f'the node was not active within {START:g} s'))
            time.sleep(POLL)
        if found[1] != 'active: ':
            raise NodeTestError(self._with_log('the node could not be activated'))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self._stack.close()

    @property
    def log(self) -> str:
        """What the node has logged so far; after the `with` block, all of it."""
        if self._process is None:
            return self._last_log
        return self._log.read_text(encoding='utf-8', errors='replace')

    def play(self, path: str | Path, *, topic: str | None = None, images: int | None = None,
             camera: str = '', timeout: float = 30.0) -> list[PoseArray]:
        """Plays a recording to the node, one image at a time, and returns the poses.

        The next image is published when the one before is processed, so every image is, and the
        result does not depend on the speed of the machine. Images keep their recorded stamps;
        those that cannot be read are left out. The node goes on from what it has seen before.

        Args:
            path: A bag, a video, a picture or a folder of pictures.
            topic: The image topic of a bag that has several.
            images: How many to play, at most; None for all.
            camera: Which of the node's cameras sees them, if they have names.
            timeout: How long to wait for the connection, and for each answer [s].

        Returns:
            One message per image, in their order.

        Raises:
            NodeTestError: The node has ended, has no such camera, or did not answer in time;
                the message names the image.
            SourceError: The recording cannot be read.
        """
        if self._process is None:
            raise NodeTestError('the node does not run: play within its `with` block')
        arguments = [str(path), '--timeout', str(timeout), '--camera', camera]
        arguments += ['--topic', topic] if topic else []
        arguments += ['--images', str(images)] if images is not None else []
        with subprocess.Popen(
                [sys.executable, '-m', 'movenet_ros.testing.player', *arguments], text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=self._environment, start_new_session=True) as player:
            try:
                output, errors = self._communicate(player)
            finally:
                _end(player)
        lines: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines()]
        for line in lines:
            if 'unreadable' in line:
                raise SourceError(line['unreadable'])
            if 'problem' in line:
                raise NodeTestError(self._with_log(line['problem']))
        if self._process.poll() is not None:
            raise NodeTestError(self._with_log(f'image {len(lines)} was not processed'))
        if player.returncode:
            raise NodeTestError(self._with_log(errors.strip()))
        self.left_out += sum('left_out' in line for line in lines)
        return [deserialize(base64.b64decode(line['poses'])) for line in lines if 'poses' in line]

    def _communicate(self, player: subprocess.Popen[str]) -> tuple[str, str]:
        """What a player writes until it ends, which is at once when the node ends."""
        assert self._process is not None
        while True:
            # It watches its own deadlines.
            with suppress(subprocess.TimeoutExpired):
                return player.communicate(timeout=POLL)
            if self._process.poll() is not None:
                player.terminate()

    def _with_log(self, problem: str) -> str:
        code = None if self._process is None else self._process.poll()
        state = 'runs' if code is None else f'has ended with code {code}'
        last = '\n'.join(self.log.splitlines()[-LOG_LINES:]) or '(nothing)'
        return f'{problem}\nThe node {state}; the end of its log:\n{last}'


def _environment(domain: int, folder: Path) -> dict[str, str]:
    """For the node and the player: a ROS domain of their own, and no other machine."""
    own = isolated(os.environ, domain, folder)
    # Lines of the log have ROS's usual form.
    own.pop('RCUTILS_CONSOLE_OUTPUT_FORMAT', None)
    return {**own, 'RCUTILS_COLORIZED_OUTPUT': '0'}


def _end(process: subprocess.Popen[Any]) -> None:
    """Ends a process, whatever it does."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(END)
        return
    process.kill()
    process.wait()
