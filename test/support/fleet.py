"""Recordings to process in large numbers, and their result sets."""
import json
import shutil

from movenet_ros.cli import main

from .paths import DATA

CLIP = DATA / 'one_person.mp4'
PART = ('--end', '0.35', '--every', '3')
"""Four images of the clip."""


def clips(folder, *names):
    """A folder with copies of the clip."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CLIP, folder / name)
    return folder


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


def times(output_dir):
    """When each file was written."""
    return {path: path.stat().st_mtime_ns for path in output_dir.rglob('*') if path.is_file()}
