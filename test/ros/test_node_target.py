"""The target over real DDS: the service, the states, and where the target is."""
import itertools
import time

import cv2
import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from support.geometry import NEAR, camera_info, depth
from support.paths import DATA
from support.process import NodeProcess
from support.ros import image

from movenet_ros.msg import PoseArray, Target
from movenet_ros.ros.publications.optional_messages import find_messages
from movenet_ros.srv import SelectTarget

FRAME = 'camera_optical_frame'
STEP = 0.2
RELIABLE = QoSProfile(depth=10)
TOPIC = '/movenet/target'


@pytest.fixture(scope='module')
def two():
    """An astronaut at the left, and one in another suit at the right: [512,1024,3]."""
    one = cv2.imread(str(DATA / 'astronaut.jpg'))
    return np.concatenate([one, one[:, ::-1, ::-1]], axis=1)


@pytest.fixture(scope='module')
def node():
    with NodeProcess(autostart='true', model='multipose', **{
            'depth.transport': 'raw', 'target.search_time': 2.0, 'target.frame': 'true'}) as (
            process):
        process.wait_for_line('active: ')
        yield process


class Camera:
    """Image, depth and camera_info of one camera, at 5 Hz by their stamps."""

    stamps = itertools.count(1000.0, STEP)

    def __init__(self, peer):
        self.peer = peer
        self.publishers = [peer.camera(topic, kind, RELIABLE) for topic, kind in (
            ('camera_info', CameraInfo), ('depth', Image), ('image', Image))]

    def close(self):
        for publisher in self.publishers:
            publisher.close()

    def show(self, picture):
        stamp = round(next(self.stamps), 6)
        height, width = picture.shape[:2]
        for publisher, message in zip(self.publishers, (
                camera_info(width, height), depth(width, height), image(picture)), strict=True):
            publisher.publish(message, FRAME, stamp)

    def until(self, picture, came, condition, what, patience=40.0):
        """Shows a picture until a message fits; returns it."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            self.show(picture)
            self.peer.spin(0.1)
            for message in came:
                if condition(message):
                    return message
            came.clear()
        raise AssertionError(f'no {what}')


@pytest.fixture
def camera(own_peer):
    camera = Camera(own_peer)
    yield camera
    camera.close()


def select(peer, **request):
    return peer.call(SelectTarget, 'select_target', SelectTarget.Request(**request))


def state(wanted):
    return lambda message: message.state == wanted


def test_a_person_is_selected_by_a_point_and_lost(own_peer, node, camera, two):
    empty = np.zeros_like(two)
    assert select(own_peer, criterion=SelectTarget.Request.NONE).accepted
    with own_peer.listening(TOPIC, Target) as came, own_peer.poses() as poses:
        none = camera.until(two, came, lambda _: poses and len(poses[-1].poses) == 2, 'target')
        assert (none.state, none.criterion) == (Target.NONE, SelectTarget.Request.NONE)
        assert select(own_peer, criterion=SelectTarget.Request.POINT, x=780.0, y=200.0).accepted
        seen = camera.until(two, came, state(Target.TRACKED), 'tracked target')
        assert seen.criterion == SelectTarget.Request.POINT
        assert seen.origin == Target.SELECTED and seen.confidence == 1.0
        assert 512 < (seen.pose.x_min + seen.pose.x_max) / 2 < 1024
        assert seen.header.frame_id == FRAME
        held = camera.until(empty, came, state(Target.HELD), 'held target')
        assert held.pose.id == seen.pose.id and 0 < held.time_unseen <= 1.0
        camera.until(empty, came, state(Target.SEARCHING), 'target that is searched for')
        lost = camera.until(empty, came, state(Target.LOST), 'lost target')
        assert lost.time_unseen > 2.0
        assert select(own_peer, criterion=SelectTarget.Request.NONE).accepted
        camera.until(two, came, state(Target.NONE), 'end of the selection')


def test_the_position_of_the_target_is_a_pose(own_peer, node, camera, two):
    with own_peer.listening('/movenet/target_pose', PoseStamped) as came:
        assert select(own_peer, criterion=SelectTarget.Request.LARGEST).accepted
        pose = camera.until(two, came, lambda _: True, 'pose of the target')
    assert pose.header.frame_id == FRAME
    assert pose.pose.position.z == pytest.approx(NEAR, abs=0.02)
    orientation = pose.pose.orientation
    assert (orientation.x, orientation.y, orientation.z, orientation.w) == (0, 0, 0, 1)


def test_the_position_of_the_target_is_a_frame(own_peer, node, camera, two):
    messages = pytest.importorskip('tf2_msgs.msg')
    with own_peer.listening('/tf', messages.TFMessage) as came:
        assert select(own_peer, criterion=SelectTarget.Request.LARGEST).accepted
        (transform,) = camera.until(two, came, lambda _: True, 'frame of the target').transforms
    assert (transform.header.frame_id, transform.child_frame_id) == (FRAME, 'movenet_target')
    assert transform.header.stamp.sec >= 1000
    assert transform.transform.translation.z == pytest.approx(NEAR, abs=0.02)


@pytest.mark.parametrize(('request_', 'reason'), [
    ({'criterion': 9}, 'criterion is 9: it must be 0 to 5'),
    ({'criterion': SelectTarget.Request.ID, 'id': 0}, 'id is 0: ids start at 1'),
    ({'criterion': SelectTarget.Request.POINT, 'x': float('nan')}, 'x, y is nan, 0.0: ')])
def test_a_request_that_makes_no_sense_is_answered_so(own_peer, node, request_, reason):
    answer = select(own_peer, **request_)
    assert not answer.accepted and reason in answer.message


def test_what_is_missing_for_the_frame_is_said_once(node):
    said = [line for line in node.lines if 'tf2_msgs is not installed' in line]
    assert len(said) == (0 if find_messages('tf2_msgs') else 1)


def test_each_camera_has_a_target_of_its_own(own_peer):
    with NodeProcess('-r __node:=pair', autostart='true', cameras='[left,right]') as process:
        process.wait_for_line('active: ')
        for camera in ('left', 'right'):
            request = SelectTarget.Request(criterion=SelectTarget.Request.NEAREST)
            assert own_peer.call(
                SelectTarget, f'{camera}/select_target', request, '/pair').accepted


def test_a_single_person_network_follows_the_selected_person(own_peer, two):
    with NodeProcess('-r __node:=one', autostart='true', model='lightning') as process:
        process.wait_for_line('active: ')
        publisher = own_peer.camera('image', qos=RELIABLE)
        with own_peer.listening('/one/poses', PoseArray, 100) as came:
            for point in ((250.0, 200.0), (780.0, 200.0), (250.0, 200.0)):
                request = SelectTarget.Request(
                    criterion=SelectTarget.Request.POINT, x=point[0], y=point[1])
                assert own_peer.call(SelectTarget, 'select_target', request, '/one').accepted
                for _ in range(3):
                    shown = publisher.show(image(two), came)
                (pose,) = shown.poses
                assert (pose.x_min + pose.x_max > 1024) == (point[0] > 512)
            for criterion in (SelectTarget.Request.POINT, SelectTarget.Request.NEAREST):
                request = SelectTarget.Request(criterion=criterion, x=780.0, y=200.0)
                assert own_peer.call(SelectTarget, 'select_target', request, '/one').accepted
            (pose,) = publisher.show(image(two), came).poses
            assert pose.x_min + pose.x_max < 1024
        publisher.close()
