"""Outputs get their name when they are complete, wherever they are and whoever was killed."""
import errno
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from rosbags.rosbag2 import Reader
from support.sinks import NAMES, content, results, write

from movenet_ros.errors import SinkError
from movenet_ros.files import atomic_output
from movenet_ros.files.atomic_output import PREFIX, AtomicOutput
from movenet_ros.files.sinks import open_sink

WAITING = """
import sys, time
from pathlib import Path
from movenet_ros.files.atomic_output import AtomicOutput
output = AtomicOutput(Path(sys.argv[1]))
output.path.mkdir()
if len(sys.argv) > 2:
    Path(sys.argv[1]).rename(output.path.parent.parent / 'old')
print('ready', flush=True)
time.sleep(60)
"""


def hidden(folder):
    return [item for item in folder.iterdir() if item.name.startswith('.')]


@contextmanager
def killed(path, *words):
    """A process that writes to an output, and is killed at the end."""
    with subprocess.Popen([sys.executable, '-c', WAITING, str(path), *words],
                          stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == 'ready\n'
            yield
        finally:
            process.kill()


@pytest.mark.parametrize('name', ['before', 'old', 'new'])
def test_a_bag_may_have_any_name_and_be_replaced(tmp_path, name):
    first = content(write(tmp_path / name, results(5)))
    assert content(write(tmp_path / name, results(9))) != first
    assert [item.name for item in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('there', [True, False])
def test_a_symbolic_link_is_followed(tmp_path, name, there):
    target = tmp_path / 'elsewhere' / name
    target.parent.mkdir()
    if there:
        write(target, results(3))
    link = tmp_path / name
    link.symlink_to(target)
    write(link, results(6))
    assert link.is_symlink()
    if name in ('poses', 'poses.mcap'):
        with Reader(target) as reader:
            assert reader.topics['/movenet/poses'].msgcount == 6
    else:
        (tmp_path / 'plain').mkdir()
        assert content(target) == content(write(tmp_path / 'plain' / name, results(6)))
    assert not hidden(tmp_path) and not hidden(target.parent)


@pytest.mark.parametrize('linked', [False, True])
@pytest.mark.parametrize('name', NAMES)
def test_a_pipe_is_not_replaced(tmp_path, name, linked):
    pipe = tmp_path / ('pipe' if linked else name)
    os.mkfifo(pipe)
    if linked:
        (tmp_path / name).symlink_to('pipe')
    with pytest.raises(SinkError, match='is a named pipe, and an output replaces only files'):
        open_sink(tmp_path / name)
    assert pipe.is_fifo()
    assert len(list(tmp_path.iterdir())) == 1 + linked


def test_a_device_is_not_replaced(tmp_path):
    with pytest.raises(SinkError, match=r'/dev/null: is a device.* --output - > /dev/null'):
        open_sink('/dev/null')
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / 'a.jsonl'))
        with pytest.raises(SinkError, match='is a socket'):
            AtomicOutput(tmp_path / 'a.jsonl')


@pytest.mark.parametrize('name', NAMES)
def test_a_link_to_itself_is_one_line(tmp_path, name):
    (tmp_path / name).symlink_to(name)
    with pytest.raises(SinkError, match=f'{name}.*(itself|symbolic link)'):
        open_sink(tmp_path / name)


@pytest.mark.parametrize('path', ['.', './', '..', '../', '/', 'sub/..'])
def test_the_current_folder_is_no_output(tmp_path, monkeypatch, path):
    (tmp_path / 'here' / 'sub').mkdir(parents=True)
    monkeypatch.chdir(tmp_path / 'here')
    with pytest.raises(SinkError, match='current folder'):
        open_sink(path)
    with pytest.raises(SinkError, match='current folder'):
        open_sink(tmp_path / 'here')
    assert [item.name for item in Path().iterdir()] == ['sub']


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    with killed(tmp_path / 'poses'):
        (left,) = hidden(tmp_path)
    assert left.is_dir()
    write(tmp_path / 'other.jsonl', results(1))
    assert [item.name for item in tmp_path.iterdir()] == ['other.jsonl']


def test_what_a_living_process_writes_to_is_left_alone(tmp_path):
    with killed(tmp_path / 'poses'):
        (theirs,) = hidden(tmp_path)
        write(tmp_path / 'other.jsonl', results(1))
        assert hidden(tmp_path) == [theirs]
        assert (theirs / 'new' / 'poses').is_dir()


def test_two_outputs_of_one_process_leave_each_other_alone(tmp_path):
    first, second = AtomicOutput(tmp_path / 'a'), AtomicOutput(tmp_path / 'b')
    assert len(hidden(tmp_path)) == 2
    for output in (first, second):
        output.path.write_text('x')
        output.publish()
        output.discard()
    assert sorted(item.name for item in tmp_path.iterdir()) == ['a', 'b']


def test_a_kill_between_the_two_renames_loses_nothing(tmp_path):
    """The old bag is put aside, and the new one has not got its name yet."""
    write(tmp_path / 'poses', results(3))
    with killed(tmp_path / 'poses', 'put the old one aside'):
        assert not (tmp_path / 'poses').exists()
    write(tmp_path / 'other.jsonl', results(1))
    assert sorted(item.name for item in tmp_path.iterdir()) == ['other.jsonl', 'poses']


def test_what_another_machine_writes_is_left_alone(tmp_path):
    theirs = tmp_path / '.movenet-00000000-abc'
    theirs.mkdir()
    write(tmp_path / 'a.jsonl', results(1))
    assert theirs.is_dir()
    assert not theirs.name.startswith(PREFIX)


@pytest.mark.parametrize('name', ['a.mp4', 'a.jsonl'])
def test_a_sink_that_cannot_be_opened_leaves_no_draft(tmp_path, monkeypatch, name):
    """Too many files are open, once the output is made."""
    def fail_once(path, *words, **options):
        if not failed and 'new' in Path(path).parts[-2:]:
            failed.append(path)
            raise OSError(errno.EMFILE, 'Too many open files')
        return real(path, *words, **options)

    real, failed = os.open, []
    monkeypatch.setattr(os, 'open', fail_once)
    monkeypatch.setattr(Path, 'open', fail_once)
    with pytest.raises(SinkError, match=rf'{name}: cannot be written: Too many open files'):
        open_sink(tmp_path / name)
    assert not hidden(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can give a folder away')
def test_what_another_user_made_is_left_alone(tmp_path):
    """It could lead a file of ours elsewhere."""
    (tmp_path / 'ours').mkdir()
    (tmp_path / 'ours' / 'secret').touch()
    theirs = tmp_path / f'{PREFIX}abc'
    (theirs / 'old').mkdir(parents=True)
    (theirs / 'new').symlink_to(tmp_path / 'ours')
    os.chown(theirs, 65534, 65534)
    write(tmp_path / 'a.jsonl', results(1))
    assert theirs.is_dir() and (tmp_path / 'ours' / 'secret').exists()


def test_files_of_such_a_name_are_left_alone(tmp_path):
    file, link = tmp_path / f'{PREFIX}file', tmp_path / f'{PREFIX}link'
    file.write_text('precious')
    (tmp_path / 'folder').mkdir()
    link.symlink_to(tmp_path / 'folder')
    write(tmp_path / 'a.jsonl', results(1))
    assert file.read_text() == 'precious'
    assert link.is_symlink() and (tmp_path / 'folder').is_dir()


def test_where_nothing_can_be_locked_outputs_are_written_all_the_same(tmp_path, monkeypatch):
    def reject(descriptor, what):
        raise OSError(95, 'Operation not supported')

    monkeypatch.setattr(atomic_output.fcntl, 'flock', reject)
    write(tmp_path / 'a.jsonl', results(1))
    assert [item.name for item in tmp_path.iterdir()] == ['a.jsonl']
