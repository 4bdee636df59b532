"""Shared memory that has no room, that others do not see, or whose process has ended."""
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.own_shared_memory import require_own_shared_memory, with_own_shared_memory

from movenet_ros.fastdds_profile import SHARED_MEMORY
from movenet_ros.ros.shared_memory import remove_abandoned, shortage
from movenet_ros.share import large_image_profile

OLD = time.time() - 100
NAME = 'fastdds_0123456789abcdef'


def segment(folder, name=NAME, when=OLD):
    """The two files of a segment; returns the lock."""
    lock = folder / f'{name}_el'
    for path in (folder / name, lock):
        path.write_bytes(b'x')
        os.utime(path, (when, when))
    return lock


def profile(folder, size):
    path = folder / 'profile.xml'
    path.write_text(f'<segment_size> {size} </segment_size>', encoding='utf-8')
    return {'FASTDDS_DEFAULT_PROFILES_FILE': str(path)}


def test_room_for_the_segment():
    assert shortage({}, SHARED_MEMORY) == ''
    assert shortage(large_image_profile(), SHARED_MEMORY) == ''


def test_no_room_for_the_segment_of_a_profile(tmp_path):
    text = shortage(profile(tmp_path, 2**59), tmp_path)
    assert 'takes 549755813888.0 MiB (FASTDDS_DEFAULT_PROFILES_FILE)' in text
    assert '--ipc=host' in text and '--shm-size' in text


@pytest.mark.parametrize('environment', [
    {'FASTDDS_DEFAULT_PROFILES_FILE': '/none'}, {'FASTDDS_DEFAULT_PROFILES_FILE': '/dev/zero'},
    {'FASTDDS_DEFAULT_PROFILES_FILE': __file__}, {'FASTRTPS_DEFAULT_PROFILES_FILE': ''}])
def test_a_profile_that_says_nothing_leaves_the_default(environment):
    assert shortage(environment, SHARED_MEMORY) == ''


def test_where_there_is_no_such_folder_nothing_is_said(tmp_path):
    assert shortage({}, tmp_path / 'none') == ''


def test_the_profile_that_is_shipped_fits_three_times_into_what_docker_gives():
    text = Path(*large_image_profile().values()).read_text(encoding='utf-8')
    size = int(text.partition('<segment_size>')[2].partition('<')[0])
    largest = int(text.partition('<maxMessageSize>')[2].partition('<')[0])
    # 5 % is what a segment takes beside its size, 2 MiB are for segments of the default size
    assert 3 * 1.05 * size < (64 - 2) * 2**20
    assert size > 2 * 3 * 1920 * 1080
    assert largest <= size


@pytest.mark.parametrize('prefix', ['fastdds', 'fastrtps'])  # the latter up to Jazzy
def test_only_what_nobody_holds_is_removed(tmp_path, prefix):
    dead, living, young = (segment(tmp_path, f'{prefix}_{digit * 16}', when) for digit, when in (
        ('0', OLD), ('1', OLD), ('2', time.time())))
    other = tmp_path / f'{prefix}_port7000_el'
    other.write_bytes(b'')
    os.utime(other, (OLD, OLD))
    with living.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert remove_abandoned(tmp_path) == 1
    assert sorted(tmp_path.iterdir()) == sorted(
        [living, tmp_path / living.name[:-3], young, tmp_path / young.name[:-3], other])
    assert not dead.exists() and not dead.with_name(dead.name.removesuffix('_el')).exists()


def test_a_link_is_not_followed(tmp_path):
    target = tmp_path / 'precious'
    target.write_bytes(b'x')
    os.utime(target, (OLD, OLD))
    (tmp_path / f'{NAME}_el').symlink_to(target)
    assert remove_abandoned(tmp_path) == 0
    assert target.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can make files of another user')
def test_what_belongs_to_another_user_is_not_removed(tmp_path):
    lock = segment(tmp_path)
    os.chown(lock, 12345, 12345)
    assert remove_abandoned(tmp_path) == 0
    assert lock.exists()


CAMERA = """
import contextlib, os, rclpy, time
rclpy.init()
node = rclpy.create_node('camera')
# its own is the one whose lock it has open; it may have mapped those of others
for number in os.listdir('/proc/self/fd'):
    with contextlib.suppress(OSError):
        path = os.readlink(f'/proc/self/fd/{number}')
        if path.startswith(('/dev/shm/fastdds_', '/dev/shm/fastrtps_')) and '_port' not in path:
            print(os.path.basename(path).removesuffix('_el'), flush=True)
time.sleep(60)
"""


def start(*command):
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    return process, SHARED_MEMORY / process.stdout.readline().strip()


def test_the_next_node_removes_what_a_killed_process_left_and_nothing_else():
    pytest.importorskip('rclpy')
    from support.process import NodeProcess
    (killed, left), (living, used) = start('-c', CAMERA), start('-c', CAMERA)
    lock, held = (path.with_name(path.name + '_el') for path in (left, used))
    try:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert left.stat().st_size > 100_000
        for path in (lock, held):
            os.utime(path, (OLD, OLD))
        with NodeProcess() as node:
            node.wait_for_line('unconfigured')
            assert not left.exists() and not lock.exists()
            assert used.exists() and held.exists()
    finally:
        for process in (killed, living):
            process.kill()
            process.wait()
            process.stdout.close()
        for path in (left, lock, used, held):
            path.unlink(missing_ok=True)


@pytest.mark.parametrize(('size', 'says'), [('12m', True), ('64m', False)])
def test_a_node_says_what_a_small_shm_means(size, says):
    pytest.importorskip('rclpy')
    require_own_shared_memory()
    with subprocess.Popen(
            [*with_own_shared_memory(size), sys.executable, '-m', 'movenet_ros.ros.main'],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, 'RCUTILS_LOGGING_BUFFERED_STREAM': '0'}) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if 'unconfigured' in line:
                break
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert any('--ipc=host' in line and '[WARN]' in line for line in lines) == says, lines
