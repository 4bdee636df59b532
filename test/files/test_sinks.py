"""Every output is the same each time, and complete or absent."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from rosbags.rosbag2 import Reader
from support.sinks import (
    HEIGHT,
    NAMES,
    PARQUET,
    RERUN,
    WIDTH,
    content,
    random_poses,
    results,
    write,
)

from movenet_ros import share
from movenet_ros.errors import MovenetError, ParameterError, SinkError
from movenet_ros.files.sinks import Result, open_sink


@pytest.mark.parametrize('name', [*NAMES, PARQUET])
def test_equal_results_give_equal_bytes(tmp_path, name):
    (tmp_path / 'again').mkdir()
    first = content(write(tmp_path / name, results(30)))
    assert first == content(write(tmp_path / 'again' / name, results(30)))
    assert first == content(write(tmp_path / name, results(30)))


@pytest.mark.parametrize('name', [*NAMES, PARQUET, RERUN])
def test_nothing_else_is_left(tmp_path, name):
    write(tmp_path / name, results(4))
    assert [item.name for item in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(('height', 'width'), [(48, 64), (47, 61)])
def test_an_overlay_video(tmp_path, height, width):
    path = write(tmp_path / 'a.mp4', results(10, height=height, width=width))
    video = cv2.VideoCapture(str(path))
    assert video.get(cv2.CAP_PROP_FPS) == 25
    frames = []
    while (read := video.read())[0]:
        frames.append(read[1])
    assert len(frames) == 10
    assert frames[0].shape == (height + height % 2, width + width % 2, 3)
    # no person in the picture
    np.testing.assert_allclose(frames[9][:36, :36], 18, atol=8)  # lossy


def test_a_video_of_pictures_of_several_sizes(tmp_path):
    path = write(tmp_path / 'a.mp4', [*results(1), *results(1, height=20, width=500)])
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 2


@pytest.mark.parametrize(('number', 'tiles'), [(1, 1), (5, 5), (12, 12), (13, 12), (100, 12)])
def test_a_contact_sheet(tmp_path, number, tiles):
    with open_sink(tmp_path / 'a.png') as sink:
        for result in results(number):
            sink.write(result)
    sheet = cv2.imread(str(tmp_path / 'a.png'))
    columns = min(4, number)
    rows = -(-tiles // 4)
    assert sheet.shape[1] == columns * (WIDTH + 4) + 4
    assert sheet.shape[0] in {r * (HEIGHT + 4) + 4 for r in (rows, max(1, rows - 1))}


def test_a_contact_sheet_spans_the_run(tmp_path):
    with open_sink(tmp_path / 'a.png') as sink:
        # no person in them, so that the corner is the picture's
        for result in results(120):
            sink.write(Result(result.stamp_ns, '', 0, 'thunder', result.picture, random_poses(0)))
    sheet = cv2.imread(str(tmp_path / 'a.png'))
    corners = [int(sheet[8 + row * 52, 60 + column * 68, 0]) // 2
               for row in range(3) for column in range(4)]
    assert corners == sorted(corners)
    assert corners[0] == 0
    assert corners[-1] >= 100
    assert np.diff(corners).max() <= 20


class Interrupted(Exception):
    pass


def interrupted(number):
    yield from results(number)
    raise Interrupted


@pytest.mark.parametrize('name', [*NAMES, PARQUET])
def test_what_was_written_before_a_failure_is_kept_and_whole(tmp_path, name):
    with pytest.raises(Interrupted):
        write(tmp_path / name, interrupted(7))
    (tmp_path / 'whole').mkdir()
    assert content(tmp_path / name) == content(write(tmp_path / 'whole' / name, results(7)))


@pytest.mark.parametrize('name', [*NAMES, PARQUET, RERUN])
def test_a_failure_at_once_leaves_what_was_there(tmp_path, name):
    before = content(write(tmp_path / name, results(3)))
    with pytest.raises(Interrupted):
        write(tmp_path / name, interrupted(0))
    assert content(tmp_path / name) == before
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize('name', ['poses.jsonl', 'poses.mcap', 'poses'])
def test_without_results_there_is_still_a_file(tmp_path, name):
    write(tmp_path / name, [])
    if name == 'poses.jsonl':
        assert (tmp_path / name).read_bytes() == b''
    else:
        with Reader(tmp_path / name) as reader:
            assert reader.message_count == 0


@pytest.mark.parametrize('name', ['overlay.mp4', 'overlay.webm', 'sheet.png'])
def test_nothing_to_draw(tmp_path, name):
    with pytest.raises(SinkError, match='no image to draw'):
        write(tmp_path / name, [])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('name', [*(name for name in NAMES if '.' in name), PARQUET, RERUN])
def test_a_folder_of_a_files_name(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(SinkError, match='is a folder'):
        open_sink(tmp_path / name)


def test_a_file_of_a_folders_name(tmp_path):
    (tmp_path / 'poses').write_text('precious')
    with pytest.raises(SinkError, match='is a file'):
        open_sink(tmp_path / 'poses')


@pytest.mark.parametrize('name', [*NAMES, PARQUET, RERUN])
def test_a_missing_folder_is_named(tmp_path, name):
    with pytest.raises(SinkError, match=r'there is no folder .*missing$'):
        open_sink(tmp_path / 'missing' / name)


@pytest.fixture
def locked_folder():
    """A folder that is not writable; root, who could write to it, becomes another user."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        yield Path(folder)
        if root:
            os.seteuid(0)


@pytest.mark.parametrize('name', [*NAMES, PARQUET, RERUN])
def test_an_unwritable_folder_is_named(locked_folder, name):
    with pytest.raises(SinkError, match=f'{name}.*Permission denied'):
        open_sink(locked_folder / name)


FULL = """
import os, resource, signal, sys
sys.path.insert(0, {tests!r})
from support.sinks import results
from movenet_ros.errors import SinkError
from movenet_ros.files.sinks import open_sink
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
sink = open_sink({path!r})
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    with sink:
        for result in results(30, height=480, width=640):
            sink.write(result)
except SinkError as error:
    print('SinkError', error)
print(os.listdir(os.path.dirname({path!r})))
"""
SMALL_DISK = ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c',
              'mount -t tmpfs -o size=20k tmpfs "$0" && exec "$@"']


def fill(path, limit=2**40, around=()):
    """The error, and the remaining files, when the disk is full."""
    code = FULL.format(tests=str(Path(__file__).parents[1]), path=str(path), limit=limit)
    done = subprocess.run([*around, sys.executable, '-c', code], capture_output=True, text=True,
                          check=True)
    assert f'SinkError {path}' in done.stdout
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize('name', [*NAMES, PARQUET, RERUN])
def test_a_file_that_may_not_grow_leaves_nothing(tmp_path, name):
    assert fill(tmp_path / name, limit=2000) == '[]'


@pytest.mark.parametrize('name', [*NAMES, PARQUET, RERUN])
def test_a_full_disk_leaves_nothing(tmp_path, name):
    """A disk of five pages, in memory, which only the process sees that writes to it."""
    small_disk = [*SMALL_DISK, str(tmp_path)]
    if not shutil.which('unshare') or subprocess.run(
            [*small_disk, 'true'], capture_output=True, check=False).returncode:
        pytest.skip('users cannot mount file systems on this machine')
    assert fill(tmp_path / name, around=small_disk) == '[]'


@pytest.mark.parametrize('name', ['poses.csv', 'poses.bag', 'poses.db3'])
def test_unknown_endings(tmp_path, name):
    with pytest.raises(ParameterError, match=r'known are: \.jsonl'):
        open_sink(tmp_path / name)


@pytest.mark.parametrize('name', ['.jsonl', '.MCAP', '.rrd', '.webm', '.mp4', '.png'])
def test_an_ending_without_a_name_makes_no_hidden_bag(tmp_path, name):
    with pytest.raises(ParameterError, match=rf'give e\.g\. .*/poses\{name}$'):
        open_sink(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_the_first_missing_folder_is_named(tmp_path):
    with pytest.raises(SinkError, match=r'there is no folder .*/a$'):
        open_sink(tmp_path / 'a' / 'b' / 'c.jsonl')


def test_the_share_folder_of_an_installation(tmp_path, monkeypatch):
    monkeypatch.setattr(share, '__file__', str(tmp_path / 'lib' / 'movenet_ros' / 'share.py'))
    monkeypatch.setattr(sys, 'prefix', str(tmp_path / 'prefix'))
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{tmp_path / "one"}:{tmp_path / "two"}')
    with pytest.raises(MovenetError) as caught:
        share.share_dir()
    for name in ('lib', 'prefix', 'one', 'two'):
        assert str(tmp_path / name) in str(caught.value)
    for name in ('two', 'prefix'):
        place = tmp_path / name / 'share' / 'movenet_ros'
        place.mkdir(parents=True)
        (place / 'package.xml').touch()
        assert share.share_dir() == place
