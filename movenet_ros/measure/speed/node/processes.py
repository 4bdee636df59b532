"""Processes that are measured, or measure: started, asked, weighed, and ended in any case."""
from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from movenet_ros.core.types import NANOSECONDS
from movenet_ros.errors import MovenetError
from movenet_ros.measure.speed.memory import memory_of
from movenet_ros.ros_environment import isolated, own_domain
from movenet_ros.share import large_image_profile

END_TIMEOUT = 5.0   # s, for a process to end
ANSWER = 20.0    # s, for an answer beyond the time that a command itself takes
GRACE = 0.5      # s, for one that is ending
LAST_WORDS = 5   # lines

LOG_FORMAT = '[{severity}] [{time}] {message}'
LOG_LINE = re.compile(r'\[[A-Z]+\] \[(\d+)\.(\d{9})\] ')


@dataclass(frozen=True)
class Program:
    """What a process runs: `python -m MODULE ARGUMENTS`.

    Attributes:
        module: Its full name.
        arguments: For it.
        takes_commands: Whether it serves `json_commands`, and ends when there are no more.
        large_images: Whether it has the transport settings with which large images arrive.
    """

    module: str
    arguments: tuple[str, ...] = ()
    takes_commands: bool = False
    large_images: bool = False


class Process:
    """One process, with its output in a file.

    Attributes:
        name: For messages.
        pid: Its number.
        started_ns: When it was started [ns since the epoch].
    """

    def __init__(self, name: str, program: Program, folder: Path,
                 environment: Mapping[str, str]) -> None:
        """Starts it.

        Args:
            name: For messages.
            program: What to run.
            folder: Where its output goes.
            environment: For it.
        """
        self.name, self._takes_commands = name, program.takes_commands
        self._log = folder / f'{name.replace("/", "_")}.log'
        with self._log.open('wb') as log:
            self.started_ns = time.time_ns()
            # Ctrl-C is for us alone: we end the others, in order.
            self._popen = subprocess.Popen(
                [sys.executable, '-m', program.module, *program.arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE if self._takes_commands else log,
                stderr=log, env=environment, start_new_session=True)
        self.pid = self._popen.pid

    def ask(self, do: str, seconds: float = 0.0, **arguments: Any) -> Any:
        """Sends a command and waits for the answer; see `json_commands`.

        Args:
            do: Which.
            seconds: How long it takes by itself [s]; handed on if it is not 0.
            arguments: For it.

        Raises:
            MovenetError: It failed, or the process has ended or hangs; in its own words.
        """
        assert self._popen.stdin is not None and self._popen.stdout is not None
        command = {'do': do, **arguments, **({'seconds': seconds} if seconds else {})}
        with contextlib.suppress(BrokenPipeError):  # reported below
            self._popen.stdin.write(json.dumps(command).encode() + b'\n')
            self._popen.stdin.flush()
        ready, _, _ = select.select([self._popen.stdout], [], [], seconds + ANSWER)
        line = self._popen.stdout.readline() if ready else b''
        if not line:
            # A pipe closes a moment before its process has ended.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(GRACE)
            self.check()
            raise MovenetError(f'{self.name} does not answer: {self.last_words()}')
        answer = json.loads(line)
        if 'error' in answer:
            raise MovenetError(f'{self.name} cannot {do}: {answer["error"]}')
        return answer['result']

    def check(self) -> None:
        """Sees whether it is well.

        Raises:
            MovenetError: It has ended, or has logged an error; in its own words.
        """
        if (code := self._popen.poll()) is not None:
            raise MovenetError(f'{self.name} has ended with code {code}: {self.last_words()}')
        errors = [line for line in self.log().splitlines() if line.startswith('[ERROR]')]
        if errors:
            raise MovenetError(f'{self.name}: {errors[0].split("] ", 2)[-1]}')

    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text(encoding='utf-8', errors='replace')

    def last_words(self) -> str:
        """The end of that."""
        return '\n'.join(self.log().splitlines()[-LAST_WORDS:]) or 'it has said nothing'

    def cpu(self) -> float:
        """CPU time of all its threads so far [s]."""
        clock = ctypes.c_int()
        libc = ctypes.CDLL(None)
        if error := libc.clock_getcpuclockid(self.pid, ctypes.byref(clock)):
            raise MovenetError(f'{self.name}: its CPU time cannot be read: {os.strerror(error)}')
        return time.clock_gettime(clock.value)

    def memory(self) -> dict[str, float]:
        """What it holds: `rss`, `pss`, and `private`, which nobody else has mapped [MB]."""
        return memory_of(self.pid)

    def loaded(self, part: str) -> set[str]:
        """The files that it has loaded which have `part` in their path."""
        lines = Path(f'/proc/{self.pid}/maps').read_text(encoding='utf-8').splitlines()
        return {line.split(maxsplit=5)[-1] for line in lines if part in line}

    def logged_ns(self, part: str) -> int | None:
        """When it first logged something with `part` in it [ns since the epoch], if it has."""
        for line in self.log().splitlines():
            if part in line and (found := LOG_LINE.match(line)):
                return int(found[1]) * NANOSECONDS + int(found[2])
        return None

    def ask_to_end(self) -> None:
        """Asks once: a measuring one by closing its input, others by a signal."""
        assert self._popen.stdin is not None
        if self._popen.stdin.closed:
            return
        with contextlib.suppress(BrokenPipeError):
            self._popen.stdin.close()
        if not self._takes_commands:
            self._popen.send_signal(signal.SIGINT)

    def stop(self) -> None:
        """Ends it."""
        self.ask_to_end()
        try:
            self._popen.wait(END_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        if self._popen.stdout is not None:
            self._popen.stdout.close()


class Processes:
    """Everything that one measurement starts, in a ROS domain of its own.

    Leaving the `with` block ends all of them. SIGTERM leaves it, too. Only for
    the main thread.
    """

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._started: list[Process] = []

    def __enter__(self) -> Processes:
        self._folder = Path(self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix='movenet_benchmark_')))
        self._domain = self._stack.enter_context(own_domain(os.environ))
        self._stack.callback(signal.signal, signal.SIGTERM, signal.signal(signal.SIGTERM, _leave))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        with _held():
            # All at once: each may take its time.
            for process in self._started:
                process.ask_to_end()
            self._stack.close()

    def start(self, name: str, program: Program) -> Process:
        """Starts one; `name` is for messages."""
        with _held():
            process = Process(name, program, self._folder, self._environment(program.large_images))
            self._started.append(process)
            self._stack.callback(process.stop)
        return process

    def _environment(self, large_images: bool) -> dict[str, str]:
        profile = large_image_profile()
        # The mark would spare the children a part of their start that they have from a shell.
        environment = isolated(os.environ, self._domain, self._folder)
        for variable in profile:
            environment.pop(variable, None)
        return {**environment, **(profile if large_images else {}),
                'RCUTILS_CONSOLE_OUTPUT_FORMAT': LOG_FORMAT}


@contextlib.contextmanager
def _held() -> Iterator[None]:
    """Delays SIGINT and SIGTERM, so that no process is left half started."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: came.append(number))
              for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for late in came:
        signal.raise_signal(late)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
