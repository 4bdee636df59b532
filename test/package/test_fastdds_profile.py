"""Whoever publishes images uses the large-image profile, unless its user has decided."""
import os
from pathlib import Path

import pytest
from support.process import NodeProcess

from movenet_ros.fastdds_profile import (
    CHOSEN_BY_FILE,
    CHOSEN_BY_VARIABLE,
    OVERHEAD,
    SHARED_MEMORY,
    has_transport_settings,
    segment_size,
    shared_memory_space,
    use_large_image_profile,
)
from movenet_ros.share import INSTALLED, large_image_profile

OWN_PROFILE = Path(*large_image_profile().values())


@pytest.fixture
def undecided(monkeypatch, tmp_path):
    """An environment and a folder that say nothing about transports."""
    for name in (*CHOSEN_BY_VARIABLE, 'RMW_IMPLEMENTATION'):
        monkeypatch.delenv(name, raising=False)
    # so that what is set is also taken back
    monkeypatch.setattr(os, 'environ', dict(os.environ))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def need_room(processes):
    """Skips a test where there is no room for so many segments."""
    free, _ = shared_memory_space(SHARED_MEMORY)
    needed = processes * (segment_size(OWN_PROFILE) + OVERHEAD)
    if free < needed:
        pytest.skip(f'{SHARED_MEMORY} has {free >> 20} MiB left, and this takes {needed >> 20}')


def test_the_profile_is_used(undecided):
    need_room(1)
    assert use_large_image_profile()
    assert large_image_profile().items() <= os.environ.items()
    # it is there now, so the user may as well have set it
    assert not use_large_image_profile()


@pytest.mark.parametrize(('name', 'value'), [
    *((name, 'mine') for name in CHOSEN_BY_VARIABLE), ('RMW_IMPLEMENTATION', 'rmw_cyclonedds_cpp')])
def test_what_a_user_has_set_stays(undecided, name, value):
    os.environ[name] = value
    before = dict(os.environ)
    assert not use_large_image_profile()
    assert os.environ == before


@pytest.mark.parametrize('name', CHOSEN_BY_FILE)
def test_a_profile_in_the_working_folder_stays(undecided, name):
    (undecided / name).touch()
    assert not use_large_image_profile()


@pytest.mark.parametrize('name', ['rmw_fastrtps_cpp', 'rmw_fastrtps_dynamic_cpp'])
def test_both_middlewares_on_fast_dds_take_it(name, tmp_path):
    assert not has_transport_settings({'RMW_IMPLEMENTATION': name}, tmp_path)


def test_without_shared_memory_it_is_left_out(undecided, monkeypatch):
    monkeypatch.setattr('movenet_ros.fastdds_profile.SHARED_MEMORY', undecided / 'nowhere')
    assert not use_large_image_profile()
    assert not large_image_profile().keys() & os.environ.keys()


def test_without_room_for_as_many_segments_it_is_left_out(undecided):
    free, _ = shared_memory_space(SHARED_MEMORY)
    fitting = free // segment_size(OWN_PROFILE)
    assert not use_large_image_profile(processes=fitting + 1)
    assert not large_image_profile().keys() & os.environ.keys()


@pytest.mark.parametrize('is_found', [False, True])
def test_an_installation_without_the_profile_goes_without(undecided, monkeypatch, is_found):
    package = undecided / 'lib' / 'python3' / 'movenet_ros' / 'share.py'
    monkeypatch.setattr('movenet_ros.share.__file__', str(package))
    monkeypatch.setattr('sys.prefix', str(undecided / 'venv'))
    monkeypatch.delenv('AMENT_PREFIX_PATH', raising=False)
    if is_found:
        (undecided / INSTALLED).mkdir(parents=True)
        (undecided / INSTALLED / 'package.xml').touch()
    before = dict(os.environ)
    assert not use_large_image_profile()
    assert os.environ == before


def test_the_node_uses_it_for_its_overlay(undecided):
    """Seen by its segment of shared memory, which is larger than what Fast DDS takes itself."""
    need_room(3)
    with NodeProcess() as node:
        node.wait_for_line('unconfigured')
        assert 10 << 20 < largest_segment(node.process.pid) < 20 << 20
    os.environ['FASTDDS_BUILTIN_TRANSPORTS'] = 'DEFAULT'
    with NodeProcess() as node:
        node.wait_for_line('unconfigured')
        assert largest_segment(node.process.pid) < 1 << 20


def largest_segment(pid):
    """Of the shared memory that a process has mapped [bytes]."""
    sizes = []
    for line in Path(f'/proc/{pid}/maps').read_text(encoding='utf-8').splitlines():
        if '/dev/shm/fast' in line:  # fastrtps_ up to Jazzy
            start, end = line.split()[0].split('-')
            sizes.append(int(end, 16) - int(start, 16))
    return max(sizes)
