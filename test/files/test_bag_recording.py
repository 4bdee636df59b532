"""A live recording: what is written, and what remains when it ends before its time."""
import errno
import os
import signal
import subprocess
import sys
import threading

import pytest
from rosbags.interfaces import QosDurability, QosReliability
from rosbags.rosbag2 import Reader
from rosbags.rosbag2.storage_mcap import McapWriter
from support.bags import STORE, image
from support.paths import TESTS

from movenet_ros.errors import MovenetError, SinkError, SourceError
from movenet_ros.files.atomic_output import AtomicOutput
from movenet_ros.files.bags.bag import Bag
from movenet_ros.files.bags.bag_writer import OfferedQos
from movenet_ros.files.bags.definitions import definition
from movenet_ros.files.bags.recording import BagRecording
from movenet_ros.files.bags.typestore import OWN_TYPES, typestore
from movenet_ros.files.bags.write_queue import WriteQueue
from movenet_ros.files.sinks import open_sink
from movenet_ros.images.cdr import IMAGE

FOREVER = 2**63 - 1
LATCHED = OfferedQos(history=1, depth=1, reliability=1, durability=1, deadline=FOREVER,
                     lifespan=FOREVER, liveliness=1, liveliness_lease=FOREVER)
NAMES = ('recording', 'recording.mcap', 'recording.d')


def messages(count, **size):
    return [bytes(STORE.serialize_cdr(image(index, **size), IMAGE)) for index in range(count)]


def listed(folder):
    return [path.name for path in folder.iterdir()]


def read_damaged(path):
    """What can be read, and the error after it."""
    with Bag(path) as bag:
        assert bag.is_damaged
        items, found = bag.messages(('/image', IMAGE)), []
        with pytest.raises(SourceError) as caught:
            found.extend(message.data for message in items)
    return found, str(caught.value)


def read(path):
    with Bag(path) as bag:
        return [(message.receive_ns, message.data) for message in bag.messages(('/image', IMAGE))]


@pytest.mark.parametrize('name', NAMES)
def test_a_bag_has_what_was_written(tmp_path, name):
    recording = BagRecording(tmp_path / name)
    recording.add_topic('/image', IMAGE, [LATCHED])
    recording.add_topic('/image', IMAGE)
    recording.add_topic('/empty', 'movenet_ros/msg/PoseInfo')
    for index, data in enumerate(messages(3)):
        recording.write('/image', 1000 + index, data)
        recording.flush()
    recording.flush()
    recording.close()
    assert listed(tmp_path) == [name]
    with Reader(tmp_path / name) as reader:
        topics = {connection.topic: connection for connection in reader.connections}
        assert [(stamp, bytes(data)) for _, stamp, data in reader.messages()] == [
            (1000 + index, data) for index, data in enumerate(messages(3))]
    assert topics.keys() == {'/image', '/empty'}
    # a single file does not hold it
    assert topics['/image'].digest in (STORE.hash_rihs01(IMAGE), '')
    qos, = topics['/image'].ext.offered_qos_profiles
    assert (qos.reliability, qos.durability, qos.depth) == (
        QosReliability.RELIABLE, QosDurability.TRANSIENT_LOCAL, 1)
    assert tuple(qos.deadline) == (9223372036, 854775807)


@pytest.mark.parametrize('name', NAMES)
def test_nothing_is_replaced(tmp_path, name):
    path = tmp_path / name
    path.write_text('mine')
    with pytest.raises(SinkError, match='exists, and a recording replaces nothing'):
        BagRecording(path)
    path.unlink()
    path.symlink_to('nowhere')
    with pytest.raises(SinkError, match='exists'):
        BagRecording(path)
    with pytest.raises(SinkError, match=r'there is no folder .*absent'):
        BagRecording(tmp_path / 'absent' / name)
    assert listed(tmp_path) == [name]


@pytest.mark.parametrize('name', NAMES)
def test_without_messages_nothing_remains(tmp_path, name):
    for end in 'close', 'abort':
        recording = BagRecording(tmp_path / name)
        assert listed(tmp_path)
        recording.add_topic('/image', IMAGE)
        getattr(recording, end)()
        assert listed(tmp_path) == []


@pytest.fixture
def without_rosbags(monkeypatch):
    for name in 'rosbags', 'rosbags.rosbag2':
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize('name', NAMES)
def test_without_rosbags_the_error_says_what_to_install(tmp_path, name, without_rosbags):
    with pytest.raises(MovenetError, match='pip install rosbags'):
        BagRecording(tmp_path / name)
    assert listed(tmp_path) == []


@pytest.mark.parametrize('name', ['poses', 'poses.mcap'])
def test_without_rosbags_no_bag_is_read_or_written(tmp_path, name, without_rosbags):
    with pytest.raises(MovenetError, match='pip install rosbags'):
        open_sink(tmp_path / name)
    assert listed(tmp_path) == []
    (tmp_path / 'bag.mcap').write_bytes(b'\x89MCAP0\r\n')
    with pytest.raises(MovenetError, match='pip install rosbags'):
        Bag(tmp_path / 'bag.mcap')


@pytest.mark.parametrize('name', NAMES)
def test_a_recording_that_cannot_begin_leaves_its_name_free(tmp_path, name, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(McapWriter, '__init__', full_disk)
        with pytest.raises(SinkError, match='No space left'):
            BagRecording(tmp_path / name)
    assert listed(tmp_path) == []
    BagRecording(tmp_path / name).abort()


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_definitions_are_those_of_the_standard_and_our_own():
    store = typestore()
    for kind in (IMAGE, 'sensor_msgs/msg/CameraInfo', 'std_msgs/msg/String',
                 *(f'movenet_ros/msg/{name}' for name in OWN_TYPES)):
        assert definition(kind) == (store.generate_msgdef(kind, ros_version=2)[0],
                                    store.hash_rihs01(kind))


def test_a_definition_of_another_package(tmp_path, monkeypatch):
    folder = tmp_path / 'share' / 'robot_msgs' / 'msg'
    folder.mkdir(parents=True)
    (folder / 'Arm.msg').write_text('other_msgs/Side side\nJoint[] joints\n')
    (folder / 'Joint.msg').write_text('float64 ANGLE=1.5\nfloat64 angle\n')
    (folder / 'Broken.msg').write_text('what is this\n')
    other = tmp_path / 'share' / 'other_msgs' / 'msg'
    other.mkdir(parents=True)
    (other / 'Side.msg').write_text('uint8 side\n')
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'/absent:{tmp_path}')
    text, digest = definition('robot_msgs/msg/Arm')
    assert 'MSG: robot_msgs/Joint' in text and 'MSG: other_msgs/Side' in text
    assert digest.startswith('RIHS01_')
    for unknown in ('robot_msgs/msg/Leg', 'robot_msgs/msg/Broken', 'robot_msgs/srv/Arm',
                    '../msg/Arm', 'x'):
        with pytest.raises(SinkError, match='not known'):
            definition(unknown)


KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.bags import STORE, image
from movenet_ros.files.bags.recording import BagRecording
recording = BagRecording(Path({path!r}))
recording.add_topic('/image', 'sensor_msgs/msg/Image')
for index in range(5):
    data = STORE.serialize_cdr(image(index), 'sensor_msgs/msg/Image')
    recording.write('/image', index, bytes(data))
recording.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize('name', NAMES)
def test_a_killed_process_leaves_what_it_wrote(tmp_path, name):
    code = KILLED.format(tests=str(TESTS), path=str(tmp_path / name))
    done = subprocess.run([sys.executable, '-c', code], check=False)
    assert done.returncode == -signal.SIGKILL
    # the next output beside it removes what is of no use
    AtomicOutput(tmp_path / 'other').discard()
    assert listed(tmp_path) == [name]
    found, error = read_damaged(tmp_path / name)
    assert found == messages(5)
    assert '5 messages on /image could be read' in error


FULL = """
import resource, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.bags import STORE, image
from movenet_ros.errors import MovenetError, SinkError, SourceError
from movenet_ros.files.bags.recording import BagRecording
from movenet_ros.files.bags.write_queue import WriteQueue
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
queue = WriteQueue(BagRecording(Path({path!r})))
queue.add_topic('/image', 'sensor_msgs/msg/Image', ())
while not queue.has_failed:
    queue.write('/image', 0, bytes(STORE.serialize_cdr(
        image(7, height=480, width=640), 'sensor_msgs/msg/Image')))
assert not queue.write('/image', 0, b'')
assert queue.dropped['/image'] >= 1
try:
    queue.close()
except SinkError as error:
    print(error)
"""


@pytest.mark.parametrize('name', NAMES)
def test_what_was_written_before_the_disk_was_full_remains(tmp_path, name):
    path = tmp_path / name
    done = subprocess.run([sys.executable, '-c', FULL.format(tests=str(TESTS), path=str(path))],
                          capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f'{path}: cannot be written: File too large; ')
    assert 'what was written before remains' in done.stdout
    assert listed(tmp_path) == [name]
    found, _ = read_damaged(path)
    assert set(found) == {messages(8, height=480, width=640)[7]}


class SlowDisk(BagRecording):
    """Writes when it may."""

    def __init__(self, path):
        super().__init__(path)
        self.writing, self.may_write = threading.Event(), threading.Event()

    def write(self, topic, log_ns, data):
        self.writing.set()
        assert self.may_write.wait(20.0)
        super().write(topic, log_ns, data)


def test_a_slow_disk_stalls_nobody_and_what_is_dropped_is_counted(tmp_path):
    data = messages(1)[0]
    disk = SlowDisk(tmp_path / 'bag')
    queue = WriteQueue(disk, capacity=3 * len(data))
    queue.add_topic('/image', IMAGE, ())
    assert [queue.write('/image', index, data) for index in range(5)] == [
        True, True, True, False, False]
    assert disk.writing.wait(20.0)
    assert (queue.waiting, dict(queue.dropped)) == (3 * len(data), {'/image': 2})
    disk.may_write.set()
    queue.close()
    assert [stamp for stamp, _ in read(tmp_path / 'bag')] == [0, 1, 2]
    assert queue.waiting == 0


def test_a_message_larger_than_the_queue_is_written(tmp_path):
    queue = WriteQueue(BagRecording(tmp_path / 'bag'), capacity=10)
    queue.add_topic('/image', IMAGE, ())
    assert queue.write('/image', 5, messages(1)[0])
    queue.close()
    assert read(tmp_path / 'bag') == [(5, messages(1)[0])]


def test_what_waits_is_flushed_while_nothing_comes(tmp_path, monkeypatch):
    monkeypatch.setattr('movenet_ros.files.bags.write_queue.FLUSH_PERIOD', 0.01)
    flushed = threading.Event()
    recording = BagRecording(tmp_path / 'bag')
    flush = recording.flush
    monkeypatch.setattr(recording, 'flush', lambda: (flush(), recording.messages and flushed.set()))
    queue = WriteQueue(recording)
    queue.add_topic('/image', IMAGE, ())
    queue.write('/image', 5, messages(1)[0])
    assert flushed.wait(20.0)
    with Bag(tmp_path / 'bag') as bag:
        assert bag.counts == {('/image', IMAGE): 1}
    queue.close()
