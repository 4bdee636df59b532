"""examples/find_raised_hands.py, and the other ways of docs/fleet.md to ask the same."""
import dataclasses
import re
import subprocess
import sys

import numpy as np
import pytest
from support.gestures import random_gestures
from support.paths import ROOT
from support.sinks import random_poses, results

from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.core.gestures.gesture import Gesture
from movenet_ros.core.observation import Observation
from movenet_ros.files.sinks import open_sink

PAGE = (ROOT / 'docs' / 'fleet.md').read_text(encoding='utf-8')
PROGRAMS = {re.match(r'import (\w+)', body)[1]: body
            for body in re.findall(r'```python\n(.*?)```', PAGE, re.DOTALL)}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Results of recordings in which a hand is raised near, far, at an unknown distance, never.

    Those of another one are being written.
    """
    pytest.importorskip('pyarrow')
    place = tmp_path_factory.mktemp('fleet')
    for name, distance, raised in (('near', 2.5, True), ('day/nearer', 1.25, True),
                                   ('far', 3.5, True), ('unknown', np.nan, True),
                                   ('never', 1.0, False)):
        path = place / 'poses' / f'{name}.poses' / 'poses.parquet'
        path.parent.mkdir(parents=True)
        with open_sink(path, recording=name) as sink:
            for item in results(2):
                sink.write(with_person(item, distance, raised))
    unfinished = place / 'poses' / '.movenet-0' / 'new' / 'late.poses' / 'poses.parquet'
    unfinished.parent.mkdir(parents=True)
    unfinished.write_bytes(b'PAR1')
    return place


def with_person(result, distance, raised):
    poses = random_poses(1)
    spatial, gestures = Poses3D.unknown(poses.id, Reason.NO_DEPTH), random_gestures(1)
    spatial.distance[:] = distance
    gestures.active[:, [Gesture.LEFT_HAND_RAISED, Gesture.RIGHT_HAND_RAISED]] = False, raised
    return dataclasses.replace(result, poses=poses, observation=Observation(
        poses=poses, poses_3d=spatial, gestures=gestures))


def output(folder, *words):
    done = subprocess.run([sys.executable, *words], cwd=folder, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example(folder):
    pytest.importorskip('duckdb')
    assert output(folder, str(ROOT / 'examples' / 'find_raised_hands.py'), 'poses/', '3') == (
        'day/nearer: in 2 images, 1.25 m at the nearest\n'
        'near: in 2 images, 2.50 m at the nearest\n')


def test_a_folder_without_tables(tmp_path):
    pytest.importorskip('duckdb')
    done = subprocess.run([sys.executable, str(ROOT / 'examples' / 'find_raised_hands.py'),
                           str(tmp_path), '3'], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'there is no table' in done.stderr and 'Traceback' not in done.stderr


@pytest.mark.parametrize('library', ['duckdb', 'pandas', 'polars'])
def test_the_programs_of_the_page(folder, library):
    pytest.importorskip(library)
    said = output(folder, '-c', PROGRAMS[library])
    assert 'near' in said and 'day/nearer' in said
    assert not re.search('far|unknown|never', said)


def test_every_program_of_the_page_is_tried_here():
    assert sorted(PROGRAMS) == ['duckdb', 'pandas', 'polars']
