"""Files that are no files, have no end or are too large; JSON that Python cannot hold."""
import os
import socket
import sys
import threading
from pathlib import Path

import pytest

from movenet_ros.errors import ImageError, MovenetError
from movenet_ros.files.file_kind import file_kind
from movenet_ros.files.jsonl_reader import read_jsonl
from movenet_ros.files.pictures import read_picture_file
from movenet_ros.files.recorded_poses import read_poses
from movenet_ros.files.videos.containers import find_damage, frame_count
from movenet_ros.files.videos.opencv_video import open_capture
from movenet_ros.regular_files import parse_json, read_regular_file


def test_a_file_is_read_up_to_the_limit(tmp_path):
    path = tmp_path / 'file'
    path.write_bytes(b'12345')
    assert read_regular_file(path, 5) == b'12345'
    assert read_regular_file(str(path), 100) == b'12345'


def test_a_link_is_followed(tmp_path):
    (tmp_path / 'file').write_bytes(b'12345')
    (tmp_path / 'link').symlink_to('file')
    assert read_regular_file(tmp_path / 'link', 5) == b'12345'


def test_a_larger_file_is_not_read(tmp_path):
    path = tmp_path / 'sparse'
    with path.open('wb') as file:
        file.truncate(20 * 2**30)
    with pytest.raises(OSError, match='it has 21474836480 bytes, at most 1000 are read'):
        read_regular_file(path, 1000)


def test_a_file_that_tells_no_size_is_not_read_without_end():
    with pytest.raises(OSError, match='it has more than 10 bytes'):
        read_regular_file('/proc/cpuinfo', 10)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    with pytest.raises(OSError, match='it is a named pipe, not a regular file'):
        read_regular_file(tmp_path / 'pipe', 10)


@pytest.mark.parametrize('read', [
    file_kind, find_damage, frame_count, read_picture_file,
    lambda path: open_capture(path).__enter__(),
    lambda path: list(read_jsonl(path)), lambda path: list(read_poses(path))])
def test_no_reader_waits_for_a_pipe(tmp_path, read):
    os.mkfifo(tmp_path / 'pipe')
    with pytest.raises((OSError, MovenetError), match='it is a named pipe, not a regular file'):
        read(tmp_path / 'pipe')


def test_a_picture_larger_than_any_is_not_read(tmp_path):
    path = tmp_path / 'sparse.png'
    with path.open('wb') as file:
        file.truncate(20 * 2**30)
    with pytest.raises(ImageError, match='it has 21474836480 bytes, at most 1073741824 are read'):
        read_picture_file(path)


def test_a_pipe_with_a_writer_is_not_read(tmp_path):
    path = tmp_path / 'pipe'
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    os.write(writer, b'12345')
    try:
        with pytest.raises(OSError, match='named pipe'):
            read_regular_file(path, 10)
    finally:
        os.close(writer)


@pytest.mark.parametrize('device', ['/dev/zero', '/dev/null'])
def test_a_device_is_not_read(device):
    with pytest.raises(OSError, match='it is a device, not a regular file'):
        read_regular_file(device, 10)


@pytest.mark.parametrize('name', ['a\0b', 'half a character \ud800'])
def test_a_name_that_no_file_can_have(name):
    with pytest.raises(OSError, match='no file has such a name'):
        read_regular_file(name, 10)


def test_a_folder_is_named_as_one(tmp_path):
    with pytest.raises(IsADirectoryError, match='Is a directory'):
        read_regular_file(tmp_path, 10)


def test_a_socket_is_not_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind('socket')
        with pytest.raises(OSError, match='No such device'):
            read_regular_file('socket', 10)


def test_no_descriptor_stays_open(tmp_path):
    before = len(list(Path('/proc/self/fd').iterdir()))
    for path in (tmp_path, '/dev/zero', '/proc/cpuinfo'):
        with pytest.raises(OSError, match=r'it|directory'):
            read_regular_file(path, 1)
    assert len(list(Path('/proc/self/fd').iterdir())) == before


def test_json_is_read_from_text_and_bytes():
    assert parse_json('{"a": [1, "\u00e4"]}') == {'a': [1, '\u00e4']}
    assert parse_json(b'\xef\xbb\xbf{"a": "\xc3\xa4"}') == {'a': '\u00e4'}


@pytest.mark.parametrize('text', [
    '[' * 300_000, '{"a":' * 300_000, '[' * 300_000 + ']' * 300_000, '{', '', '\n\n', b'\xff\xfe'])
def test_what_is_no_json_is_a_value_error_of_one_line(text):
    with pytest.raises(ValueError, match=r'^[^\n]+$') as caught:
        parse_json(text)
    assert '\n' not in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.skipif(sys.version_info < (3, 11), reason='Python 3.10 reads any number')
def test_a_number_of_thousands_of_digits_is_a_value_error_of_one_line():
    with pytest.raises(ValueError, match=r'^[^\n]*digits[^\n]*$'):
        parse_json('1' * 5000)


def test_nesting_is_survived_in_a_thread_too():
    caught = []

    def parse():
        try:
            parse_json('[' * 300_000)
        except ValueError as error:
            caught.append(str(error))
    thread = threading.Thread(target=parse)
    thread.start()
    thread.join()
    assert caught == ['brackets are nested too deep']
