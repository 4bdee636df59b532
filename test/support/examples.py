"""The programs of examples/, each in a process of its own."""
import importlib.util
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

from support.paths import ROOT

EXAMPLES = ROOT / 'examples'
END = 10.0  # s


def load(name):
    """An example as a module, for what can be tested without a node."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f'{name}.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def running(name, *options):
    """Runs an example with these options of ROS; it has to end well when it is interrupted."""
    with subprocess.Popen(
            [sys.executable, str(EXAMPLES / f'{name}.py'), '--ros-args', *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'PYTHONPATH': str(ROOT)}) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=END)
    assert (process.returncode, 'Traceback' in errors) == (0, False), errors
