"""`movenet record` beside real nodes: every message once, and equal to the byte."""
import contextlib
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pytest
from rclpy.event_handler import PublisherEventCallbacks, SubscriptionEventCallbacks
from rclpy.qos import QoSProfile
from rosbags.highlevel import AnyReader
from rosbags.interfaces import QosDurability, QosReliability
from sensor_msgs.msg import Image
from std_msgs.msg import Int32, String
from support.hostile_text import HOSTILE, check
from support.paths import DATA
from support.process import NodeProcess
from support.ros import DEADLINE, LATCHED, Peer, best_effort, image

from movenet_ros.cli import main
from movenet_ros.errors import SourceError
from movenet_ros.files.bags.bag import Bag
from movenet_ros.files.bags.recording import BagRecording
from movenet_ros.files.bags.write_queue import WriteQueue
from movenet_ros.files.sources import open_source
from movenet_ros.msg import PoseArray
from movenet_ros.tools.recorded_topic import RecordedTopic

IMAGES = 6
QUIET = {'event_callbacks': PublisherEventCallbacks(use_default_callbacks=False)}
IMAGE = 'sensor_msgs/msg/Image'
WORDS = {'timed': ['/note', '--seconds', '0.5'], 'killed.mcap': ['/image'],
         'mixed': ['/mixed', '/absent'], 'alone': []}


class Recording:
    """The command in a process of its own."""

    def __init__(self, bag, *words):
        self.bag, self.log = bag, Path(f'{bag}.log')
        with self.log.open('w') as log:
            self.process = subprocess.Popen(
                [sys.executable, '-m', 'movenet_ros.cli', 'record', '-o', str(bag), *words],
                stdout=log, stderr=subprocess.STDOUT)

    @property
    def text(self):
        return self.log.read_text()

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def receiving(peer, topic, kind):
    """The bytes of what comes on a topic."""
    came = []
    subscription = peer.node.create_subscription(
        kind, topic, came.append, QoSProfile(depth=100), raw=True,
        event_callbacks=SubscriptionEventCallbacks(use_default_callbacks=False))
    yield came
    peer.node.destroy_subscription(subscription)


def frames(count):
    capture = cv2.VideoCapture(str(DATA / 'one_person.mp4'))
    pictures = [capture.read()[1] for _ in range(count)]
    capture.release()
    return pictures


def contents(bag):
    """Messages by topic, as bytes, and the topics."""
    with AnyReader([bag]) as reader:
        topics = {connection.topic: connection for connection in reader.connections}
        messages = {topic: [] for topic in topics}
        for connection, stamp, data in reader.messages():
            messages[connection.topic].append((stamp, bytes(data)))
    return messages, topics


def test_two_cameras_of_a_node_that_starts_later(own_peer, tmp_path):
    peer, topics = own_peer, [f'/robot/{camera}/image' for camera in ('left', 'right')]
    note = peer.node.create_publisher(String, '/note', LATCHED, **QUIET)
    note.publish(String(data='latched'))
    cameras = [peer.camera(topic, qos=QoSProfile(depth=10)) for topic in topics]
    poses = ['/robot/movenet/left/poses', '/robot/movenet/right/poses']
    with (Recording(tmp_path / 'recording', 'note', '--node', 'robot/movenet') as recording,
          NodeProcess('-r', '__ns:=/robot', autostart='true', cameras='[left,right]'),
          receiving(peer, poses[0], PoseArray) as left,
          receiving(peer, poses[1], PoseArray) as right,
          receiving(peer, topics[0], Image) as sent):
        # the node, the recording and this test
        peer.until(lambda: note.get_subscription_count() == 1
                   and peer.node.count_subscribers(topics[0]) == 3
                   and peer.node.count_subscribers(topics[1]) == 2
                   and all(peer.node.count_subscribers(topic) == 2 for topic in poses)
                   and cameras[0].publisher.get_subscription_count() == 3
                   and cameras[1].publisher.get_subscription_count() == 2, 'everybody')
        before = time.time_ns()
        for index, picture in enumerate(frames(IMAGES)):
            for camera, came in zip(cameras, (left, right), strict=True):
                camera.publish(image(picture), 'front_optical_frame')
                peer.until(lambda came=came, count=index + 1: len(came) == count, 'an answer')
        after = time.time_ns()
        assert recording.stop() == 0, recording.text

    messages, connections = contents(recording.bag)
    assert [data for _, data in messages[poses[0]]] == left
    assert [data for _, data in messages[poses[1]]] == right
    assert [data for _, data in messages[topics[0]]] == sent
    assert len(sent) == len(messages[topics[1]]) == IMAGES
    assert len(messages['/note']) == len(messages['/robot/movenet/pose_info']) == 1
    assert all(before <= stamp <= after for topic in (topics[0], poses[0])
               for stamp, _ in messages[topic])
    offered, = connections['/note'].ext.offered_qos_profiles
    assert (offered.durability, offered.reliability) == (
        QosDurability.TRANSIENT_LOCAL, QosReliability.RELIABLE)
    check_same_offline(recording.bag, tmp_path)


def check_same_offline(bag, folder):
    """Live equals replay, and replay gets every image."""
    with open_source(bag, topic='/robot/right/image') as source:
        assert sum(1 for _ in source) == IMAGES
    for camera in 'left', 'right':
        offline = folder / f'{camera}.mcap'
        topic = f'/robot/movenet/{camera}/poses'
        assert main(['process', str(bag), '--topic', f'/robot/{camera}/image', '--quiet',
                     '--only-stamps-of', topic, '-o', str(offline)]) == 0
        assert main(['diff', str(bag), str(offline), '--topic-a', topic]) == 0


@pytest.fixture(scope='module')
def recordings(tmp_path_factory):
    """Recordings without a node, at the same time, as starting takes longer than all else."""
    folder, peers = tmp_path_factory.mktemp('recordings'), (Peer(), Peer())
    peer, other = (one.node for one in peers)
    note = peer.create_publisher(String, '/note', best_effort(10), **QUIET)
    camera = peers[0].camera('/image', qos=QoSProfile(depth=10))
    mixed = [node.create_publisher(kind, '/mixed', LATCHED, **QUIET)
             for node, kind in ((peer, String), (other, Int32))]
    mixed[0].publish(String(data='x'))
    mixed[1].publish(Int32(data=5))
    with contextlib.ExitStack() as stack:
        started = {name: stack.enter_context(Recording(folder / name, *words))
                   for name, words in WORDS.items()}
        timed, killed, both, alone = started.values()
        picture = image(frames(1)[0])

        def publish():
            note.publish(String(data='x'))
            camera.publisher.publish(picture)
            peers[0].spin(0.02)
            return (timed.process.poll() is not None
                    and killed.bag.exists() and killed.bag.stat().st_size > 2**20
                    and '\n1 message, ' in both.text and 'too;' in both.text
                    and 'waiting for a node of this package' in alone.text)
        peers[0].until(publish, 'the recordings')
        codes = [timed.process.wait(), killed.stop(signal.SIGKILL), both.stop(signal.SIGTERM),
                 alone.stop()]
    for one in peers:
        one.close()
    assert codes == [0, -signal.SIGKILL, 3, 1]
    return started


def test_it_ends_after_so_many_seconds(recordings):
    recording = recordings['timed']
    messages, connections = contents(recording.bag)
    stamps = [stamp for stamp, _ in messages['/note']]
    assert 0.3e9 < stamps[-1] - stamps[0] < 5e9
    assert f'/note: {len(stamps)} messages' in recording.text
    offered, = connections['/note'].ext.offered_qos_profiles
    assert offered.reliability == QosReliability.BEST_EFFORT


def test_what_was_recorded_until_it_was_killed_can_be_read(recordings):
    with Bag(recordings['killed.mcap'].bag) as bag:
        items = bag.messages(('/image', IMAGE))
        assert next(items).msgtype == IMAGE
        with pytest.raises(SourceError, match='cut off'):
            list(items)


def test_without_a_node_nothing_is_left(recordings):
    recording = recordings['alone']
    assert 'nothing was recorded, and nothing is left' in recording.text
    assert not recording.bag.exists()


def test_what_cannot_be_recorded_is_named(recordings):
    text = recordings['mixed'].text
    # the one that is found first
    assert re.search(r'/mixed: std_msgs/msg/(String|Int32) are published there too; only '
                     r'std_msgs/msg/(?!\1)(String|Int32) is recorded', text)
    assert '/absent: no publisher appeared' in text
    assert '/mixed: 1 message\n' in text


def test_names_that_are_none(tmp_path, capfd):
    assert main(['record', '-o', str(tmp_path / 'bag'), HOSTILE]) == 2
    check(capfd.readouterr().err)
    assert main(['record', '-o', str(tmp_path / 'bag'), '--seconds', 'nan']) == 2
    assert not list(tmp_path.iterdir())


def test_an_output_that_exists(tmp_path, capfd):
    (tmp_path / 'bag').mkdir()
    assert main(['record', '-o', str(tmp_path / 'bag'), '/note']) == 1
    assert 'exists, and a recording replaces nothing' in capfd.readouterr().err


def test_a_message_whose_publisher_has_left_is_recorded(tmp_path, own_peer, monkeypatch):
    publisher = own_peer.node.create_publisher(String, '/once', 10, **QUIET)
    queue = WriteQueue(BagRecording(tmp_path / 'bag'))
    topic = RecordedTopic(own_peer.node, '/once', 'std_msgs/msg/String', String, queue, [])
    monkeypatch.setattr(own_peer.node, 'get_publishers_info_by_topic', lambda name: [])
    own_peer.until(publisher.get_subscription_count, 'the subscription')
    publisher.publish(String(data='once'))
    own_peer.until(lambda: topic.received, 'the message')
    topic.close()
    queue.close()
    with Bag(tmp_path / 'bag') as bag:
        assert len(list(bag.messages(('/once', 'std_msgs/msg/String')))) == 1
