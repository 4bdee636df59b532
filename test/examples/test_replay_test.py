"""examples/test_stop_when_hand_raised.py, run as its docstring says."""
import subprocess
import sys

from support.examples import EXAMPLES
from support.paths import ROOT


def test_the_replay_test_passes():
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--rootdir', '.', '-c',
         str(ROOT / 'pyproject.toml'), 'test_stop_when_hand_raised.py'],
        cwd=EXAMPLES, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and '1 passed' in done.stdout, done.stdout + done.stderr
