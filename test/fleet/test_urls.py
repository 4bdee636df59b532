"""Recordings that are named by URLs: file:// and those of an S3 server of our own."""
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from support.bags import image, write
from support.fleet import CLIP, clips, manifest, process, results, times

from movenet_ros.files.atomic_output import PREFIX
from movenet_ros.files.locations import local_copy

pytest.importorskip('fsspec')


@pytest.fixture
def s3(monkeypatch):
    """An S3 server with the bucket `robots`; its file system."""
    server = pytest.importorskip('moto.server').ThreadedMotoServer(ip_address='127.0.0.1', port=0)
    s3fs = pytest.importorskip('s3fs')
    server.start()
    for name, value in (('AWS_ACCESS_KEY_ID', 'test'), ('AWS_SECRET_ACCESS_KEY', 'test'),
                        ('AWS_DEFAULT_REGION', 'us-east-1'),
                        ('AWS_ENDPOINT_URL', f'http://127.0.0.1:{server.get_host_and_port()[1]}')):
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    files = s3fs.S3FileSystem(use_listings_cache=False)
    files.mkdir('robots')
    yield files
    # The servers of a process share what they hold.
    files.rm('robots', recursive=True)
    server.stop()


@pytest.fixture
def recordings(tmp_path):
    """A clip, a bag folder and an empty file."""
    place = clips(tmp_path / 'in', 'a.mp4')
    write(place / 'day' / 'bag', [('/image', image(index)) for index in range(60)])
    (place / 'empty.mp4').touch()
    return place


def test_recordings_on_s3_have_the_results_of_local_ones(s3, recordings, tmp_path, capsys):
    s3.put(str(recordings), 'robots/runs', recursive=True)
    assert process(tmp_path / 'local', recordings) == 3
    assert process(tmp_path / 'remote', 's3://robots/runs') == 3
    local, remote = results(tmp_path / 'local'), results(tmp_path / 'remote')
    assert local.keys() == remote.keys()
    for name in local:
        if name.endswith('.jsonl') and 'set_aside' not in name:
            assert local[name] == remote[name]
    written = manifest(tmp_path / 'remote' / 'day' / 'bag.poses')['input']
    assert written['location'] == 's3://robots/runs/day/bag'
    assert written['sha256'] == manifest(tmp_path / 'local' / 'day' / 'bag.poses')['input'][
        'sha256']
    assert 's3://robots/runs/empty.mp4: the file is empty' in capsys.readouterr().err
    assert not list(Path(tempfile.gettempdir()).glob(f'{PREFIX}*/a.mp4'))


def test_the_second_run_fetches_only_what_was_changed(s3, recordings, tmp_path, monkeypatch):
    s3.put(str(recordings / 'a.mp4'), 'robots/a.mp4')
    s3.put(str(recordings / 'a.mp4'), 'robots/b.mp4')
    urls = ['s3://robots/a.mp4', 's3://robots/b.mp4']
    assert process(tmp_path / 'out', *urls) == 0
    before = times(tmp_path / 'out')
    fetched, get = [], type(s3).get
    monkeypatch.setattr(type(s3), 'get', lambda self, path, *words, **named: (
        fetched.append(path), get(self, path, *words, **named)))
    s3.put(str(CLIP.with_name('several_people.mp4')), 'robots/b.mp4')
    type(s3).clear_instance_cache()
    assert process(tmp_path / 'out', *urls) == 0
    assert fetched == ['robots/b.mp4']
    kept = tmp_path / 'out' / 'a.mp4.poses'
    assert times(kept) == {path: time for path, time in before.items() if kept in path.parents}


def test_what_is_not_on_s3_is_set_aside(s3, tmp_path, capsys):
    assert process(tmp_path / 'out', 's3://robots/missing.mp4') == 1
    assert 's3://robots/missing.mp4' in capsys.readouterr().err


def test_a_file_url_is_read_where_it_is(recordings, tmp_path, monkeypatch):
    with local_copy(f'file://{recordings}/a.mp4') as path:
        assert path == recordings / 'a.mp4'
    assert process(tmp_path / 'out', f'file://{recordings}/a.mp4') == 0
    assert manifest(tmp_path / 'out' / 'a.mp4.poses')['images']['processed'] == 4


def test_a_protocol_that_is_not_installed(tmp_path, capsys):
    assert process(tmp_path / 'out', 'nowhere://bucket/a.mp4') == 1
    assert "pip install '.[fleet]'" in capsys.readouterr().err


def test_copies_of_workers_that_were_killed_are_removed(s3, recordings, monkeypatch, tmp_path):
    (tmp_path / 'tmp').mkdir()
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / 'tmp'))
    s3.put(str(recordings / 'a.mp4'), 'robots/a.mp4')
    abandoned = tmp_path / 'tmp' / f'{PREFIX}killed'
    abandoned.mkdir()
    shutil.copy(CLIP, abandoned)
    with local_copy('s3://robots/a.mp4') as copy:
        assert copy.read_bytes() == CLIP.read_bytes()
        assert not abandoned.exists()
    assert os.listdir(tmp_path / 'tmp') == []  # noqa: PTH208
