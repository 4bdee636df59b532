"""Poses as a bag: its messages, and what it may replace."""
import dataclasses
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import Reader, StoragePlugin, Writer
from support.gestures import random_gestures
from support.sinks import HEIGHT, WIDTH, content, results, write

from movenet_ros.core.events import Edge, Event, EventKind
from movenet_ros.core.observation import Observation
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.target.target import Origin, Status, Target
from movenet_ros.errors import SinkError
from movenet_ros.files.bags.typestore import typestore
from movenet_ros.files.bags.writer import PERSON_EVENT, POSE_ARRAY
from movenet_ros.files.sinks import Result, open_sink
from movenet_ros.images.cdr import COMPRESSED_IMAGE
from movenet_ros.messages.gesture_array import GESTURE_ARRAY
from movenet_ros.messages.image_annotations import IMAGE_ANNOTATIONS
from movenet_ros.messages.target import TARGET


@pytest.fixture(params=['poses.mcap', 'poses', 'poses.d/'])
def bag(request, tmp_path):
    if request.param.endswith('/'):
        write(f'{tmp_path}/{request.param}', results(12))
    else:
        write(tmp_path / request.param, results(12))
    return tmp_path / request.param


SHOWN = {'/movenet/image/compressed': COMPRESSED_IMAGE, '/movenet/annotations': IMAGE_ANNOTATIONS}
"""What a single file has beside the messages of a folder."""


def test_a_bag_has_the_messages(bag):
    shown = SHOWN if bag.suffix == '.mcap' else {}
    with AnyReader([bag]) as reader:
        assert {connection.topic: connection.msgtype for connection in reader.connections} == {
            '/movenet/poses': POSE_ARRAY, '/movenet/events': PERSON_EVENT, **shown}
        messages = [(stamp, reader.deserialize(raw, POSE_ARRAY))
                    for stamp, raw in of_poses(reader)]
    assert len(messages) == 12
    for (stamp, message), result in zip(messages, results(12), strict=True):
        assert stamp == result.stamp_ns
        check(message, result)


def of_poses(reader):
    """Log time and bytes of each PoseArray."""
    chosen = [connection for connection in reader.connections if connection.msgtype == POSE_ARRAY]
    return [(stamp, bytes(raw)) for _, stamp, raw in reader.messages(chosen)]


def check(message, result):
    stamp = message.header.stamp
    assert stamp.sec * 10**9 + stamp.nanosec == result.stamp_ns
    assert (message.header.frame_id, message.sequence) == ('camera', result.sequence)
    assert (message.width, message.height, message.model) == (WIDTH, HEIGHT, 'multipose')
    assert len(message.poses) == len(result.poses)
    for row, pose in enumerate(message.poses):
        assert pose.id == result.poses.id[row]
        for name in ('score', 'age', 'time_unseen', 'truncated'):
            assert np.float32(getattr(pose, name)) == getattr(result.poses, name)[row]
        velocity = np.float32([pose.velocity_x, pose.velocity_y])
        np.testing.assert_array_equal(velocity, result.poses.velocity[row])
        visible = [point.visible for point in pose.keypoints]
        np.testing.assert_array_equal(visible, result.poses.visible[row])
        box = np.float32([pose.x_min, pose.y_min, pose.x_max, pose.y_max])
        np.testing.assert_array_equal(box, result.poses.box[row])
        points = np.float32([(point.x, point.y, point.score) for point in pose.keypoints])
        np.testing.assert_array_equal(points[:, :2], result.poses.xy[row])
        np.testing.assert_array_equal(points[:, 2], result.poses.keypoint_score[row])


BOX = np.array([1, 2.5, 3, 4], np.float32)
EVENTS = (Event(EventKind.APPEARED, 3, 0, 0.0, BOX),
          Event(EventKind.LEFT, 2**31 - 1, 0, 1.25, BOX, Edge.BOTTOM))


def eventful(frame_id):
    """Results, the second of which has events."""
    before, result = results(2)
    observed = dataclasses.replace(result, frame_id=frame_id, observation=Observation(EVENTS))
    return [before, observed]


def check_event(message, event, result):
    stamp = message.header.stamp
    assert stamp.sec * 10**9 + stamp.nanosec == result.stamp_ns
    assert (message.header.frame_id, message.sequence) == (result.frame_id, result.sequence)
    assert (message.kind, message.id, message.edge) == (
        event.kind.value, event.id, event.edge.value)
    assert message.time_unseen == event.time_unseen
    assert [message.x_min, message.y_min, message.x_max, message.y_max] == event.box.tolist()


# Lengths of texts that need 0 to 3 bytes to the next multiple of 4
@pytest.mark.parametrize('frame_id', ['', 'a', 'ab', 'abc'])
def test_a_bag_has_the_events(tmp_path, frame_id):
    items = eventful(frame_id)
    with AnyReader([write(tmp_path / 'a.mcap', items)]) as reader:
        events = [connection for connection in reader.connections
                  if connection.topic == '/movenet/events']
        found = [(stamp, raw, reader.deserialize(raw, PERSON_EVENT))
                 for _, stamp, raw in reader.messages(events)]
    assert len(found) == len(EVENTS)
    for (stamp, raw, message), event in zip(found, EVENTS, strict=True):
        assert stamp == items[1].stamp_ns
        check_event(message, event, items[1])
        assert bytes(typestore().serialize_cdr(message, PERSON_EVENT)) == bytes(raw)


def test_ros_itself_reads_the_events(tmp_path):
    messages = pytest.importorskip('movenet_ros.msg')
    serialization = pytest.importorskip('rclpy.serialization')
    items = eventful('camera')
    with Reader(write(tmp_path / 'a.mcap', items)) as reader:
        raws = [bytes(raw) for connection, _, raw in reader.messages()
                if connection.msgtype == PERSON_EVENT]
    for raw, event in zip(raws, EVENTS, strict=True):
        message = serialization.deserialize_message(raw, messages.PersonEvent)
        check_event(message, event, items[1])
        assert len(serialization.serialize_message(message)) == len(raw)
        assert message.kind == getattr(messages.PersonEvent, event.kind.name)
        assert message.edge == getattr(messages.PersonEvent, f'EDGE_{event.edge.name}')


def test_gestures_have_a_topic_where_they_are_enabled(tmp_path):
    before, result = results(2)
    gestures = random_gestures(len(result.poses))
    items = [before, dataclasses.replace(result, observation=Observation(gestures=gestures))]
    with AnyReader([write(tmp_path / 'a.mcap', items)]) as reader:
        ((topic, stamp, raw),) = [
            (connection.topic, stamp, raw) for connection, stamp, raw in reader.messages()
            if connection.msgtype == GESTURE_ARRAY]
        message = reader.deserialize(raw, GESTURE_ARRAY)
    assert (topic, stamp) == ('/movenet/gestures', result.stamp_ns)
    assert (message.header.frame_id, message.sequence) == ('camera', 1)
    assert [person.posture for person in message.people] == gestures.posture.tolist()
    # a bag with them counts as one of ours
    write(tmp_path / 'a.mcap', results(1))


def test_the_target_has_a_topic_where_one_is_selected(tmp_path):
    before, result = results(2)
    target = Target(Status.TRACKED, id=1, row=0, pose=result.poses, origin=Origin.SELECTED,
                    confidence=1.0, selection=Selection(Criterion.LARGEST))
    items = [before, dataclasses.replace(result, observation=Observation(target=target))]
    with AnyReader([write(tmp_path / 'a.mcap', items)]) as reader:
        ((topic, raw),) = [(connection.topic, raw) for connection, _, raw in reader.messages()
                           if connection.msgtype == TARGET]
        message = reader.deserialize(raw, TARGET)
    assert bytes(typestore().serialize_cdr(message, TARGET)) == bytes(raw)
    assert (topic, message.state, message.pose.id) == ('/movenet/target', Status.TRACKED, 1)
    assert (message.header.frame_id, message.sequence) == ('camera', 1)
    # a bag with it counts as one of ours
    write(tmp_path / 'a.mcap', results(1))


def test_our_bytes_are_those_of_rosbags(tmp_path):
    with AnyReader([write(tmp_path / 'a.mcap', results(12))]) as reader:
        for connection, _, raw in reader.messages():
            message = reader.deserialize(raw, connection.msgtype)
            assert bytes(typestore().serialize_cdr(message, connection.msgtype)) == bytes(raw)


@pytest.mark.filterwarnings('ignore:module .sre_:DeprecationWarning')
def test_ros_itself_reads_the_messages(bag):
    messages = pytest.importorskip('movenet_ros.msg')
    serialization = pytest.importorskip('rclpy.serialization')
    with Reader(bag) as reader:
        raws = [raw for _, raw in of_poses(reader)]
    for raw, result in zip(raws, results(12), strict=True):
        message = serialization.deserialize_message(raw, messages.PoseArray)
        check(message, result)
        # what ros2 bag compares when it plays
        assert len(serialization.serialize_message(message)) == len(raw)


def test_the_types_are_those_of_ros():
    prefixes = [sys.prefix, *os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)]
    places = [Path(prefix, 'share', 'movenet_ros', 'msg', 'PoseArray.json') for prefix in prefixes]
    generated = next((place for place in places if place.is_file()), None)
    if not generated:
        pytest.skip('the messages are not built here')
    hashes = json.loads(generated.read_text())['type_hashes']
    for item in hashes:
        if item['type_name'].startswith('movenet_ros/'):
            assert typestore().hash_rihs01(item['type_name']) == item['hash_string']


def test_a_topic_of_ones_own(tmp_path):
    with open_sink(tmp_path / 'a.mcap', topic='/hall/poses') as sink:
        sink.write(next(results(1)))
    with Reader(tmp_path / 'a.mcap') as reader:
        assert sorted(reader.topics) == ['/hall/annotations', '/hall/events',
                                         '/hall/image/compressed', '/hall/poses']


def test_a_bag_file_names_itself_rightly(tmp_path):
    assert b'poses.mcap' in write(tmp_path / 'poses.mcap', results(1)).read_bytes()


def test_stamps_before_1970_get_a_log_time(tmp_path):
    result = next(results(1))
    early = Result(-5, *(getattr(result, name) for name in (
        'frame_id', 'sequence', 'model', 'picture', 'poses')))
    with AnyReader([write(tmp_path / 'a.mcap', [early])]) as reader:
        ((stamp, raw),) = of_poses(reader)
        message = reader.deserialize(raw, POSE_ARRAY)
    assert stamp == 0
    assert (message.header.stamp.sec, message.header.stamp.nanosec) == (-1, 999_999_995)


def test_the_log_time_is_when_the_image_was_received(tmp_path):
    many = [dataclasses.replace(result, stamp_ns=0, receive_ns=5 * 10**9 + index)
            for index, result in enumerate(results(3))]
    path = write(tmp_path / 'a.mcap', many)
    with AnyReader([path]) as reader:
        messages = of_poses(reader)
        stamps = {reader.deserialize(raw, POSE_ARRAY).header.stamp.sec for _, raw in messages}
        assert {log_ns for _, log_ns, _ in reader.messages()} == {log_ns for log_ns, _ in messages}
    assert [log_ns for log_ns, _ in messages] == [5 * 10**9 + index for index in range(3)]
    assert stamps == {0}
    (tmp_path / 'b').mkdir()
    assert write(tmp_path / 'b' / 'a.mcap', many).read_bytes() == path.read_bytes()


def test_a_stamp_beyond_ros_is_reported(tmp_path):
    result = next(results(1))
    late = Result(2**63, 'camera', 0, 'thunder', result.picture, result.poses)
    with pytest.raises(SinkError, match='do not fit into a message'):
        write(tmp_path / 'a.mcap', [late])
    assert not list(tmp_path.iterdir())


def test_an_old_bag_folder_is_replaced(tmp_path):
    write(tmp_path / 'poses', results(30))
    write(tmp_path / 'poses', results(2))
    with Reader(tmp_path / 'poses') as reader:
        assert reader.message_count == 2


def test_an_empty_folder_becomes_a_bag(tmp_path):
    (tmp_path / 'poses').mkdir()
    write(tmp_path / 'poses', results(2))


@pytest.mark.parametrize('name', ['thesis.txt', 'only.mcap', 'metadata.yaml', 'folder.mcap/a'])
def test_a_folder_with_other_things_is_left_alone(tmp_path, name):
    path = tmp_path / 'poses' / name
    path.parent.mkdir(parents=True)
    path.write_text('precious')
    with pytest.raises(SinkError, match=f'{name[:8]}.*nothing was changed'):
        open_sink(tmp_path / 'poses')
    assert path.read_text() == 'precious'


def recording(path, storage):
    """A bag that was not written here."""
    store = typestore()
    kind = 'sensor_msgs/msg/CompressedImage'
    with Writer(path, version=8, storage_plugin=storage) as writer:
        writer.write(writer.add_connection('/image', kind, typestore=store), 5, b'precious')


@pytest.mark.parametrize('storage', [StoragePlugin.MCAP, StoragePlugin.SQLITE3])
def test_a_recording_is_left_alone(tmp_path, storage):
    recording(tmp_path / 'recording', storage)
    before = content(tmp_path / 'recording')
    with pytest.raises(SinkError, match='recording: holds something that this command did not'):
        open_sink(tmp_path / 'recording')
    assert content(tmp_path / 'recording') == before


def test_a_recording_of_poses_is_left_alone(tmp_path):
    """By the library that we write with, as `movenet record` does."""
    with Writer(tmp_path / 'live', version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        writer.add_connection('/movenet/poses', POSE_ARRAY, typestore=typestore())
    before = content(tmp_path / 'live')
    with pytest.raises(SinkError, match='live: holds something that this command did not'):
        open_sink(tmp_path / 'live')
    assert content(tmp_path / 'live') == before


def test_a_recording_in_one_file_is_left_alone(tmp_path):
    recording(tmp_path / 'a', StoragePlugin.MCAP)
    file = (tmp_path / 'a' / 'a.mcap').rename(tmp_path / 'b.mcap')
    before = file.read_bytes()
    with pytest.raises(SinkError, match=r'b\.mcap: holds something'):
        open_sink(file)
    assert file.read_bytes() == before


@pytest.mark.parametrize('name', ['poses.mcap', 'poses'])
@pytest.mark.parametrize('change', [
    lambda whole: whole.replace(b'made_by: movenet process', b'made_by: movenet record ', 1),
    lambda whole: whole[:100], lambda whole: whole[:-20], lambda whole: b'hello'],
    ids=['recorded live', 'cut off', 'cut off in the footer', 'foreign'])
def test_poses_that_were_not_written_here_are_left_alone(tmp_path, name, change):
    bag = write(tmp_path / name, results(12))
    file = next(tmp_path.rglob('*.mcap'))
    file.write_bytes(change(file.read_bytes()))
    before = content(bag)
    with pytest.raises(SinkError, match='nothing was changed'):
        open_sink(bag)
    assert content(bag) == before


def test_an_empty_file_becomes_a_bag(tmp_path):
    (tmp_path / 'a.mcap').touch()
    write(tmp_path / 'a.mcap', results(2))
    with Reader(tmp_path / 'a.mcap') as reader:
        assert len(of_poses(reader)) == 2
