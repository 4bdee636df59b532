"""The node in a process of its own."""
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from movenet_ros.ros.shared_memory import remove_abandoned

DEADLINE = 20.0


def remove_dead_segments():
    """Removes the shared memory of participants that were killed."""
    remove_abandoned(settled=1.0)


class NodeProcess:
    """The node in a process of its own; what it says is in `lines`."""

    def __init__(self, *arguments, environment=None, **parameters):
        given = [f'-p {name}:={value}' for name, value in parameters.items()]
        options = ' '.join(['--ros-args', *arguments, *given]).split()
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'movenet_ros.ros.main', *options], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**(environment or os.environ), 'RCUTILS_LOGGING_BUFFERED_STREAM': '0'})
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self.process.stdout as stream:
            for line in stream:
                self.lines.append(line.rstrip())

    @property
    def text(self):
        return '\n'.join(self.lines)

    def wait_for_line(self, part, deadline=DEADLINE):
        end = time.monotonic() + deadline
        while part not in self.text:
            assert time.monotonic() < end, f'{part!r} was not said:\n{self.text}'
            assert self.process.poll() is None, f'ended before {part!r}:\n{self.text}'
            time.sleep(0.01)

    def wait_for_handlers(self):
        """Waits until the process has signal handlers: before, Python has not begun."""
        wanted = 1 << (signal.SIGTERM - 1)
        end = time.monotonic() + DEADLINE
        while not self._caught() & wanted:
            assert time.monotonic() < end
            time.sleep(0.002)

    def _caught(self):
        status = Path(f'/proc/{self.process.pid}/status').read_text(encoding='ascii')
        return int(status.partition('SigCgt:')[2].split()[0], 16)

    def stop(self, number=signal.SIGINT):
        """Sends a signal; returns exit code and the time it took [s]."""
        started = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(DEADLINE)
        taken = time.monotonic() - started
        self._reader.join(DEADLINE)
        return code, taken

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            self.stop()
