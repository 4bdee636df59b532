"""The public module of gestures."""
import doctest
import subprocess
import sys

from support.paths import DATA, ROOT

from movenet_ros import gestures


def test_the_names_are_listed_and_others_are_none():
    public = {name for name in vars(gestures) if not name.startswith('_')}
    assert public == set(gestures.__all__)


def test_the_example_runs(monkeypatch):
    monkeypatch.chdir(DATA)
    results = doctest.testmod(gestures)
    assert results.attempted >= 8 and results.failed == 0


def test_it_loads_neither_networks_nor_images():
    code = ('import sys, movenet_ros.gestures; '
            'print([m for m in ("cv2", "rclpy", "ai_edge_litert", "movenet_ros.library") '
            'if m in sys.modules])')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True,
                          cwd=ROOT)
    assert done.stdout.strip() == '[]'
