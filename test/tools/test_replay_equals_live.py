"""What the node published for a recording, `movenet process` computes from it: bit for bit.

The node runs in a process of its own, is configured again for each test, and may leave out images;
so the recording is restricted to those that it processed. Nothing else about the two runs is alike.
"""
import subprocess
import sys

import cv2
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from rosbags.rosbag2 import Reader, Writer
from rosbags.typesys import Stores, get_typestore
from support.paths import DATA
from support.ros import image, jpeg

from movenet_ros.cli import main
from movenet_ros.files.sinks import read_jsonl
from movenet_ros.messages.gesture_array import GESTURE_ARRAY
from movenet_ros.messages.person_event import PERSON_EVENT
from movenet_ros.messages.target import TARGET
from movenet_ros.msg import GestureArray, PersonEvent, Target
from movenet_ros.ros.conversions import from_pose_array, set_stamp, stamp_ns

CLIPS = {'lightning': 'one_person.mp4', 'multipose': 'several_people.mp4'}
FRAMES = 40
SMALL = 3
"""Images of half the size at the end: everybody is lost."""
STEP = 1_000_000_000 // 30
START = 1_700_000_000_123_456_789
FRAME = 'front_optical_frame'
"""So long that the next field needs no padding, the bytes of which rclpy leaves undefined."""


def record(model, transport, rotate):
    """Messages as a camera's driver would publish them, header stamps uneven.

    They have to be rotated by so many degrees clockwise to be upright.
    """
    capture = cv2.VideoCapture(str(DATA / CLIPS[model]))
    make = jpeg if transport == 'compressed' else image
    messages = []
    for index in range(FRAMES):
        pixels = np.rot90(capture.read()[1], rotate // 90)
        step = 2 if index >= FRAMES - SMALL else 1
        message = make(np.ascontiguousarray(pixels[::step, ::step]))
        message.header.frame_id = FRAME
        set_stamp(message.header, START + index * STEP + index % 3 * 1_234_567)
        messages.append(message)
    capture.release()
    return messages


def write_bag(path, messages):
    kind = f'sensor_msgs/msg/{type(messages[0]).__name__}'
    with Writer(path, version=8) as bag:
        connection = bag.add_connection('/front/image', kind,
                                        typestore=get_typestore(Stores.ROS2_HUMBLE))
        for message in messages:
            bag.write(connection, stamp_ns(message.header), serialize_message(message))
    return str(path)


def watch(peer, bag, transport, refine, **parameters):
    """What the node publishes of the bag: PoseArrays, PersonEvents, GestureArrays, Targets."""
    peer.bring_to('unconfigured')
    assert peer.set(transport=transport, gestures__enabled=True, target__select='nearest',
                    refine=refine, **parameters) == []
    peer.bring_to('active')
    with (peer.poses() as poses,
          peer.listening('/movenet/events', PersonEvent, 100) as events,
          peer.listening('/movenet/gestures', GestureArray, 100) as gestures,
          peer.listening('/movenet/target', Target, 100) as targets):
        # slow enough for a slow machine to answer some images with two networks, too
        words = ['replay', bag, '--stamps', 'source', '--transport', transport, '--reliable',
                 '--rate', '1' if refine == 'none' else '0.5']
        with subprocess.Popen([sys.executable, '-m', 'movenet_ros.cli', *words],
                              stderr=subprocess.DEVNULL) as camera:
            peer.until(lambda: camera.poll() is not None, 'the end of the replay')
        last = -1
        # what is still on its way
        while last != len(poses):
            last = len(poses)
            peer.spin(0.3)
        return list(poses), list(events), list(gestures), list(targets)


@pytest.mark.parametrize(('model', 'refine', 'transport', 'rotate'), [
    ('lightning', 'none', 'raw', 0), ('lightning', 'none', 'compressed', 0),
    ('multipose', 'none', 'raw', 0), ('multipose', 'none', 'compressed', 0),
    ('multipose', 'lightning', 'raw', 0), ('lightning', 'none', 'raw', 180),
    ('multipose', 'none', 'raw', 90)])
def test_process_gives_the_numbers_that_the_node_published(peer, model, refine, transport, rotate,
                                                           tmp_path):
    messages = record(model, transport, rotate)
    live, events, gestures, targets = watch(
        peer, write_bag(tmp_path / 'bag', messages), transport, model=model, refine=refine,
        rotate=rotate)
    stamps = {stamp_ns(message.header) for message in live}
    # A slow machine answers few of them; nothing is said if there are none.
    assert len(stamps) == len(live) >= 5
    processed = write_bag(tmp_path / 'processed', [
        message for message in messages if stamp_ns(message.header) in stamps])

    output, bag = tmp_path / 'poses.jsonl', tmp_path / 'poses.mcap'
    assert main(['process', processed, '--quiet', '--model', model, '--param',
                 f'refine={refine}', '--param', f'rotate={rotate}', '--param',
                 'gestures.enabled=true', '--param', 'target.select=nearest',
                 '-o', str(output), '-o', str(bag)]) == 0
    offline = list(read_jsonl(output))

    assert [line['stamp_ns'] for line in offline] == [stamp_ns(m.header) for m in live]
    assert sum(len(m.poses) for m in live) >= len(live)
    for line, message in zip(offline, live, strict=True):
        check_same(line, message)
    check_same_events(bag, offline, live, events)
    check_same_gestures(bag, offline, live, gestures)
    check_same_targets(bag, live, targets)


def read(bag, kind):
    with Reader(bag) as reader:
        return [bytes(raw) for connection, _, raw in reader.messages()
                if connection.msgtype == kind]


def check_same_gestures(bag, lines, live, gestures):
    assert [message.header for message in gestures] == [message.header for message in live]
    for message in gestures:
        message.sequence -= live[0].sequence
    assert read(bag, GESTURE_ARRAY) == [serialize_message(message) for message in gestures]
    angles = [(person['id'], person['gestures']['joint_angles'][7])
              for line in lines for person in line['poses']]
    said = [(person.id, person.joint_angles[7])
            for message in gestures for person in message.people]
    assert [(number, angle and np.float32(angle)) for number, angle in angles] == [
        (number, None if np.isnan(angle) else angle) for number, angle in said]
    assert any(angle for _, angle in angles)


def check_same_targets(bag, live, targets):
    assert [message.header for message in targets] == [message.header for message in live]
    for message in targets:
        message.sequence -= live[0].sequence
    assert [deserialize_message(raw, Target) for raw in read(bag, TARGET)] == targets
    assert Target.TRACKED in {message.state for message in targets}


def check_same_events(bag, lines, live, events):
    raws = read(bag, PERSON_EVENT)
    # The node counts also what came before the recording.
    first = live[0].sequence
    for event in events:
        event.sequence -= first
    assert [deserialize_message(raw, PersonEvent) for raw in raws] == events
    assert PersonEvent.APPEARED in {event.kind for event in events}
    said = [(stamp_ns(event.header), event.id) for event in events]
    assert [(line['stamp_ns'], event['id'])
            for line in lines for event in line['events']] == said


def check_same(line, message):
    said = from_pose_array(message)
    assert (line['frame_id'], line['model']) == (said.frame_id, said.model)
    assert (line['width'], line['height']) == (said.width, said.height)
    assert [p['id'] for p in line['poses']] == said.poses.id.tolist()
    for index, person in enumerate(line['poses']):
        keypoints = np.array(person['keypoints'], np.float32)
        np.testing.assert_array_equal(keypoints[:, :2], said.poses.xy[index])
        np.testing.assert_array_equal(keypoints[:, 2], said.poses.keypoint_score[index])
        np.testing.assert_array_equal(np.float32(person['box']), said.poses.box[index])
        assert np.float32(person['score']) == said.poses.score[index]
        assert person['visible'] == said.poses.visible[index].tolist()
        np.testing.assert_array_equal(np.float32(person['velocity']), said.poses.velocity[index])
        assert person['truncated'] == said.poses.truncated[index]
        for name in ('age', 'time_unseen'):
            assert np.float32(person[name]) == getattr(said.poses, name)[index]
