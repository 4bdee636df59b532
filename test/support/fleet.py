"""Recordings to process in large numbers, and their result sets."""
import json
import shutil
import sys
import time

from movenet_ros.cli import main

from .paths import DATA

CLIP = DATA / 'one_person.mp4'
PART = ('--end', '0.35', '--every', '3')
"""Four images of the clip."""

COMMAND = [sys.executable, '-m', 'movenet_ros.cli', 'process']
DEADLINE = 60.0  # s

DEADLY = """
import os, signal
from movenet_ros.fleet import worker
def make_results(job, item, real=worker._make_results):
    if item.name == 'deadly.mp4':
        os.kill(os.getpid(), signal.SIGKILL)
    return real(job, item)
worker._make_results = make_results
"""
"""A module with which a process ends when it reads deadly.mp4, as if its decoder crashed."""


def clips(folder, *names):
    """A folder with copies of the clip."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CLIP, folder / name)
    return folder


def twenty_four_clips(folder):
    """A folder with so many copies of the clip."""
    return clips(folder, *(f'{index}.mp4' for index in range(24)))


def process(output_dir, *words, part=PART):
    """Runs the command on a few images of each recording; returns its exit code."""
    return main(['process', *map(str, words), '--output-dir', str(output_dir), *part])


def manifest(folder):
    """The manifest of a result set."""
    return json.loads((folder / 'manifest.json').read_text('utf-8'))


def results(output_dir):
    """The bytes of all results by name; a manifest without the time that it took."""
    found = {}
    for path in sorted(output_dir.rglob('*')):
        if path.is_file():
            content = path.read_bytes()
            if path.name == 'manifest.json':
                content = {**json.loads(content), 'seconds': 0}
            found[str(path.relative_to(output_dir))] = content
    return found


def comparable(output_dir):
    """The results, without what names the folder of the recordings."""
    found = results(output_dir)
    for content in found.values():
        if isinstance(content, dict):
            del content['input']
    return found


def wait_until(condition):
    """Waits until a condition holds."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def times(output_dir):
    """When each file was written."""
    return {path: path.stat().st_mtime_ns for path in output_dir.rglob('*') if path.is_file()}
