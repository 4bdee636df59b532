"""What a file is, by its content alone."""
import sqlite3
import tarfile
import zipfile
from contextlib import closing

import cv2
import numpy as np
import pytest
from rosbags.rosbag1 import Writer as Rosbag1Writer
from rosbags.rosbag2 import StoragePlugin, Writer
from support.paths import DATA
from support.videos import shades, write_video

from movenet_ros.files.file_kind import file_kind
from movenet_ros.images.content_kind import BAGS, PICTURES, REMEDIES, FileKind, content_kind

SCENE = np.random.default_rng(1).integers(0, 255, (20, 30, 3), np.uint8)


def ftyp(*brands):
    body = b'ftyp' + brands[0] + bytes(4) + b''.join(brands[1:])
    return (4 + len(body)).to_bytes(4, 'big') + body + bytes(50)


@pytest.mark.parametrize(('ending', 'kind'), [
    ('.jpg', FileKind.JPEG), ('.png', FileKind.PNG), ('.bmp', FileKind.BMP),
    ('.webp', FileKind.WEBP), ('.tiff', FileKind.TIFF), ('.ppm', FileKind.PNM),
    ('.pgm', FileKind.PNM), ('.pbm', FileKind.PNM)])
def test_pictures_under_another_name(tmp_path, ending, kind):
    path = tmp_path / 'picture.mp4'
    scene = SCENE[:, :, 0] if ending in ('.pgm', '.pbm') else SCENE
    path.write_bytes(cv2.imencode(ending, scene)[1].tobytes())
    assert file_kind(path) is kind
    assert kind in PICTURES


@pytest.mark.parametrize(('container', 'codec'), [
    ('.mp4', 'mp4v'), ('.mkv', 'mp4v'), ('.avi', 'MJPG'), ('.webm', 'VP80'), ('.ts', 'mp2v'),
    ('.mov', 'mp4v'), ('.flv', 'FLV1'), ('.wmv', 'WMV2'), ('.mpg', 'mpg1'), ('.m4v', 'mp4v')])
def test_videos_under_another_name(tmp_path, container, codec):
    made = tmp_path / f'clip{container}'
    write_video(made, codec, shades(3))
    assert made.stat().st_size
    assert file_kind(made.rename(tmp_path / 'clip.jpg')) is FileKind.VIDEO


def test_the_clips_of_the_tests_are_videos():
    assert file_kind(DATA / 'one_person.mp4') is FileKind.VIDEO


@pytest.mark.parametrize(('plugin', 'kind'), [
    (StoragePlugin.MCAP, FileKind.MCAP), (StoragePlugin.SQLITE3, FileKind.SQLITE3)])
def test_bags_under_another_name(tmp_path, plugin, kind):
    with Writer(tmp_path / 'bag', version=8, storage_plugin=plugin):
        pass
    (file,) = (path for path in (tmp_path / 'bag').iterdir() if path.suffix != '.yaml')
    assert file_kind(file.rename(tmp_path / 'clip.mp4')) is kind
    assert kind in BAGS


def test_any_database_is_one_of_sqlite(tmp_path):
    path = tmp_path / 'other.db'
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('CREATE TABLE x (y)')
        connection.commit()
    assert file_kind(path) is FileKind.SQLITE3


def test_ros_1_bags(tmp_path):
    path = tmp_path / 'old.mcap'
    with Rosbag1Writer(path):
        pass
    assert file_kind(path) is FileKind.ROS1_BAG
    assert 'rosbags-convert --src' in REMEDIES[FileKind.ROS1_BAG]


def test_archives(tmp_path):
    inner = tmp_path / 'inner.txt'
    inner.write_text('hello')
    with zipfile.ZipFile(tmp_path / 'a', 'w') as archive:
        archive.write(inner)
    with tarfile.open(tmp_path / 'b', 'w') as archive:
        archive.add(inner)
    with tarfile.open(tmp_path / 'c', 'w:gz') as archive:
        archive.add(inner)
    kinds = [file_kind(tmp_path / name) for name in 'abc']
    assert kinds == [FileKind.ZIP, FileKind.TAR, FileKind.GZIP]
    assert all(kind in REMEDIES for kind in kinds)


@pytest.mark.parametrize(('head', 'kind'), [
    (ftyp(b'heic', b'mif1'), FileKind.HEIF), (ftyp(b'mif1', b'heic'), FileKind.HEIF),
    (ftyp(b'mif1', b'avif', b'miaf'), FileKind.AVIF), (ftyp(b'avif'), FileKind.AVIF),
    (ftyp(b'avis', b'msf1'), FileKind.AVIF), (ftyp(b'isom', b'av01'), FileKind.VIDEO),
    (ftyp(b'qt  '), FileKind.VIDEO), (b'\0\0\0\x08wide\0\0\1\0mdat', FileKind.VIDEO),
    (b'\0\0\0\1\x67\x42', FileKind.VIDEO), (b'\x28\xb5\x2f\xfd' + bytes(9), FileKind.ZSTD),
    (b'RIFF\x24\0\0\0WAVEfmt ', FileKind.SOUND), (b'\xff\xd8', FileKind.UNKNOWN),
    (bytes(5000), FileKind.UNKNOWN), (b'', FileKind.EMPTY),
    (b'{"stamp_ns": 1}\n', FileKind.TEXT), ('käse\n'.encode(), FileKind.TEXT),
    (b'BM is a company', FileKind.TEXT),
    (b'P5th avenue', FileKind.TEXT), (b'MZ is a band', FileKind.TEXT),
    (b'MZ\x90\0\3\0', FileKind.PROGRAM), (b'\x7fELF\2\1', FileKind.PROGRAM),
    (b'\x89HDF\r\n\x1a\n' + bytes(1000), FileKind.HDF5), (b'\x93NUMPY\1\0', FileKind.NUMPY),
    (b"7z\xbc\xaf'\x1c\0\4", FileKind.SEVEN_ZIP), (b'Rar!\x1a\x07\1\0', FileKind.RAR),
    (b'ID3\4\0', FileKind.SOUND), (b'\xff\xfb\x90', FileKind.SOUND), (b'fLaC', FileKind.SOUND),
    (b'8BPS\0\1', FileKind.PSD), (b'OggS\0\2' + bytes(22) + b'\1vorbis', FileKind.SOUND),
    (b'OggS\0\2' + bytes(22) + b'\x80theora' + b'OggS' + bytes(24) + b'\1vorbis', FileKind.VIDEO),
    (b'OggS\0\2' + bytes(22) + b'BBCD\0', FileKind.VIDEO),
    ('x'.encode('utf-16'), FileKind.UNKNOWN)])
def test_beginnings(head, kind):
    assert content_kind(head) is kind


def test_text_may_be_cut_within_a_character():
    assert content_kind((b'x' + 'ä'.encode() * 2048)[:4096]) is FileKind.TEXT
    assert content_kind('ä'.encode()[:1]) is FileKind.UNKNOWN


def test_every_beginning_of_every_kind_is_some_kind():
    rng = np.random.default_rng(2)
    for size in range(300):
        assert isinstance(content_kind(rng.bytes(size)), FileKind)
