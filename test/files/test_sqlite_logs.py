"""SQLite bags with a log or journal beside them, as a recorder that was killed leaves them."""
import os
import re
import shutil
import sqlite3
import subprocess
import sys

import numpy as np
import pytest
from rosbags.rosbag2 import StoragePlugin
from support.bag_reading import digests, image_numbers, image_numbers_and_error, open_bag
from support.bags import STORE, image, storage_file, write

from movenet_ros.images.cdr import IMAGE


class Recorder:
    """Writes a database the way rosbag2 does, and is killed."""

    def __init__(self, path, mode='WAL'):
        self.path = path
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute(f'PRAGMA journal_mode = {mode}')
        self._connection.execute('PRAGMA wal_autocheckpoint = 0')

    def create(self, qos=''):
        self._connection.executescript(f"""
            CREATE TABLE topics(id INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL,
              serialization_format TEXT NOT NULL, offered_qos_profiles TEXT NOT NULL);
            CREATE TABLE messages(id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL,
              timestamp INTEGER NOT NULL, data BLOB NOT NULL);
            CREATE INDEX timestamp_idx ON messages (timestamp ASC);
            INSERT INTO topics VALUES(1, '/image', '{IMAGE}', 'cdr', '{qos}');""")

    def record(self, indexes, end='COMMIT'):
        self._connection.execute('BEGIN')
        for i in indexes:
            data = bytes(STORE.serialize_cdr(image(i % 250), IMAGE))
            self._connection.execute(
                'INSERT INTO messages (topic_id, timestamp, data) VALUES(1, ?, ?)', (i, data))
        if end:
            self._connection.execute(end)

    def checkpoint(self):
        self._connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')

    def kill(self, folder):
        """Leaves what a killed process leaves."""
        folder.mkdir()
        for file in self.path.parent.glob(f'{self.path.name}*'):
            shutil.copy(file, folder)
        self._connection.close()
        return folder / self.path.name


@pytest.fixture
def recorder(tmp_path):
    (tmp_path / 'live').mkdir()
    return Recorder(tmp_path / 'live' / 'bag_0.db3')


@pytest.fixture(params=['with shm', 'without shm', 'read-only'])
def left(request, tmp_path):
    """Makes a folder of what was left behind."""
    def leave(recorder):
        path = recorder.kill(tmp_path / 'left')
        if request.param == 'without shm':
            path.with_name(f'{path.name}-shm').unlink(missing_ok=True)
        if request.param == 'read-only':
            for file in path.parent.iterdir():
                file.chmod(0o444)
            path.parent.chmod(0o555)
        return path
    yield leave
    (tmp_path / 'left').chmod(0o755)


def test_a_log_beside_a_database_is_read(recorder, left):
    recorder.create()
    recorder.record(range(3))
    recorder.checkpoint()
    recorder.record(range(3, 6))
    path = left(recorder)
    before = digests(path.parent)
    for place in (path, path.parent):
        with open_bag(place) as source:
            assert image_numbers(source) == image_numbers(source) == list(range(6))
            assert 'bag_0.db3-wal was applied' in source.notes[-1]
    assert digests(path.parent) == before


def test_a_database_that_is_all_in_its_log(recorder, left):
    recorder.create()
    recorder.record(range(4))
    path = left(recorder)
    assert b'CREATE TABLE' not in path.read_bytes()
    assert image_numbers(open_bag(path)) == [0, 1, 2, 3]


def test_what_was_not_committed_is_not_there(recorder, tmp_path):
    recorder.create()
    recorder.record(range(2))
    recorder.record(range(2, 400), end='')
    assert image_numbers(open_bag(recorder.kill(tmp_path / 'left'))) == [0, 1]


FRAME = 24 + 4096
"""A page in SQLite's write-ahead log [bytes]."""


def left_log(recorder, folder):
    """A database that lacks its last seven messages, and the log that has them."""
    recorder.create()
    recorder.record(range(3))
    recorder.checkpoint()
    for i in range(3, 10):
        recorder.record([i])
    path = recorder.kill(folder)
    return path, path.with_name(f'{path.name}-wal')


def test_what_of_a_log_was_not_committed_is_reported(recorder, tmp_path):
    recorder.create()
    recorder.record(range(2))
    recorder._connection.execute('PRAGMA cache_size = 1')
    recorder.record(range(2, 400), end='')
    source = open_bag(recorder.kill(tmp_path / 'left'))
    assert image_numbers(source) == [0, 1]
    assert re.search('bag_0.db3-wal was applied, in a copy, except for [0-9]+ pages of a change '
                     'that was not finished', source.notes[-1])


@pytest.mark.parametrize(('damage', 'fewest'), [
    (lambda raw: raw[:-3000], 5), (lambda raw: raw[:-FRAME - 10], 5),
    (lambda raw: raw[:-3 * FRAME] + b'\xff' + raw[1 - 3 * FRAME:], 5),
    (lambda raw: raw[:40] + b'\xff' + raw[41:], 3), (lambda raw: raw[:20] + b'\xff' + raw[21:], 3),
    (lambda raw: np.random.default_rng(1).bytes(len(raw)), 3), (lambda raw: bytes(len(raw)), 3),
    (lambda raw: raw[:31], 3)],
    ids=['cut', 'cut within a head', 'a wrong page', 'a wrong first frame', 'a wrong header',
         'noise', 'zeros', 'cut within the header'])
def test_a_damaged_log_is_applied_as_far_as_it_is_right_and_then_reported(
        recorder, tmp_path, damage, fewest):
    path, log = left_log(recorder, tmp_path / 'left')
    log.write_bytes(damage(log.read_bytes()))
    numbers, error = image_numbers_and_error(open_bag(path))
    assert numbers == list(range(len(numbers)))
    assert fewest <= len(numbers) < 10
    assert 'bag_0.db3-wal is damaged' in error
    assert f'{len(numbers)} messages on /image could be read' in error


def test_what_a_log_has_left_of_an_older_one_is_no_damage(recorder, tmp_path):
    recorder.create()
    recorder.record(range(9))
    recorder._connection.execute('PRAGMA wal_checkpoint(FULL)')
    recorder.record([9])
    assert image_numbers(open_bag(recorder.kill(tmp_path / 'left'))) == list(range(10))


def test_a_log_of_something_else_is_reported(bag):
    file = storage_file(bag)
    file.with_name(f'{file.name}-wal').write_bytes(np.random.default_rng(1).bytes(50_000))
    if file.suffix == '.mcap':
        assert image_numbers(open_bag(bag)) == [0, 1, 2, 3, 4]
        return
    numbers, error = image_numbers_and_error(open_bag(bag))
    assert numbers == [0, 1, 2, 3, 4]
    assert f'{file.name}-wal is damaged: it does not begin as a log of SQLite' in error


@pytest.mark.parametrize(('content', 'says'), [
    (b'noise' * 1000, 'bag_0.db3-journal is damaged: SQLite has not applied it'),
    (bytes(4096), '')], ids=['noise', 'a finished one'])
def test_a_journal_that_is_none(recorder, tmp_path, content, says):
    recorder._connection.execute('PRAGMA journal_mode = DELETE')
    recorder.create()
    recorder.record(range(3))
    path = recorder.kill(tmp_path / 'left')
    path.with_name(f'{path.name}-journal').write_bytes(content)
    source = open_bag(path)
    assert source.notes == ()
    if says:
        numbers, error = image_numbers_and_error(source)
        assert numbers == [0, 1, 2] and says in error
    else:
        assert image_numbers(source) == [0, 1, 2]


@pytest.mark.parametrize('name', [b'a?b#c%41 d.db3', b'caf\xe9.db3', 'käse.db3'.encode()])
def test_a_database_of_any_name_is_read_by_its_index(tmp_path, name):
    file = storage_file(write(tmp_path / 'bag', [('/image', image(i)) for i in range(5)],
                              StoragePlugin.SQLITE3))
    moved = file.rename(tmp_path / os.fsdecode(name))
    source = open_bag(moved)
    assert image_numbers(source) == [0, 1, 2, 3, 4]
    assert (source.total, source.notes) == (5, ())


def test_an_unfinished_change_is_taken_back(tmp_path):
    (tmp_path / 'live').mkdir()
    recorder = Recorder(tmp_path / 'live' / 'bag_0.db3', mode='DELETE')
    recorder.create()
    recorder.record(range(3))
    recorder._connection.execute('PRAGMA cache_size = 1')
    recorder.record(range(3, 300), end='')
    path = recorder.kill(tmp_path / 'left')
    assert path.with_name(f'{path.name}-journal').stat().st_size
    before = digests(path.parent)
    source = open_bag(path)
    assert image_numbers(source) == [0, 1, 2]
    assert 'bag_0.db3-journal' in source.notes[0]
    assert digests(path.parent) == before


def test_copies_are_removed(recorder, tmp_path, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path / 'tmp'))
    (tmp_path / 'tmp').mkdir()
    recorder.create()
    recorder.record(range(3))
    path = recorder.kill(tmp_path / 'left')
    with open_bag(path) as source:
        assert image_numbers(source) == [0, 1, 2]
        assert list((tmp_path / 'tmp').iterdir())
    assert not list((tmp_path / 'tmp').iterdir())
    source = open_bag(path)
    del source
    assert not list((tmp_path / 'tmp').iterdir())


def test_copies_of_a_process_that_was_killed_are_removed_by_the_next(
        recorder, tmp_path, monkeypatch):
    monkeypatch.setattr('tempfile.tempdir', str(tmp_path / 'tmp'))
    (tmp_path / 'tmp').mkdir()
    recorder.create()
    recorder.record(range(3))
    path = recorder.kill(tmp_path / 'left')
    code = ('import sys, time\n'
            'from movenet_ros.files.sources import open_source\n'
            f'source = open_source({str(path)!r})\n'
            'print("ready", flush=True)\n'
            'time.sleep(60)\n')
    with subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, text=True,
                          env={**os.environ, 'TMPDIR': str(tmp_path / 'tmp')}) as other:
        try:
            assert other.stdout.readline() == 'ready\n'
            (theirs,) = (tmp_path / 'tmp').iterdir()
            with open_bag(path):
                assert theirs.exists() and len(list((tmp_path / 'tmp').iterdir())) == 2
        finally:
            other.kill()
    assert list(theirs.rglob('*.db3'))
    with open_bag(path) as source:
        assert image_numbers(source) == [0, 1, 2]
        assert not theirs.exists()
