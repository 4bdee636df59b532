"""Poses in metres over real DDS: calibration, depth, and everything that can be wrong with it."""
import itertools
import time

import cv2
import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image
from support.geometry import FOCAL, NEAR, camera_info, depth
from support.paths import DATA
from support.process import NodeProcess
from support.ros import DEADLINE, LATCHED, best_effort, image, values_of

from movenet_ros.msg import Keypoint3D, PoseArray3D
from movenet_ros.ros.subscription.depth_input import lag_advice

FRAME = 'camera_optical_frame'
STEP = 1 / 30
RELIABLE = QoSProfile(depth=10)


@pytest.fixture(scope='module')
def person():
    return cv2.imread(str(DATA / 'astronaut.jpg'))


@pytest.fixture(scope='module')
def node():
    parameters = {'depth.transport': 'raw', 'diagnostics.period': 0.2}
    with NodeProcess(autostart='true', **parameters) as process:
        process.wait_for_line('active: ')
        yield process


class DepthCamera:
    """Image, depth and camera_info of one camera, and what the node publishes of them."""

    stamps = itertools.count(1000.0, STEP)

    def __init__(self, peer, picture, prefix=''):
        self.peer, self.picture = peer, picture
        self.height, self.width = picture.shape[:2]
        self.image = peer.camera(f'{prefix}image', qos=RELIABLE)
        self.depth = peer.camera(f'{prefix}depth', Image, RELIABLE)
        self.info = peer.camera(f'{prefix}camera_info', CameraInfo, RELIABLE)

    def close(self):
        for part in (self.image, self.depth, self.info):
            part.close()

    def flat(self, metres=NEAR, encoding='16UC1', scale=1):
        return depth(self.width // scale, self.height // scale, metres, encoding)

    def show(self, measured, frame=FRAME, info=True):
        """Publishes one image, with its calibration and its depth; returns its stamp [ms]."""
        stamp = next(self.stamps)
        if info:
            self.info.publish(camera_info(self.width, self.height), FRAME, stamp)
        self.image.publish(image(self.picture), FRAME, stamp)
        if measured is not None:
            self.depth.publish(measured, frame, stamp)
        return round(stamp * 1000)

    def until(self, came, condition, measured=None, **options):
        """Shows images until a message fits; returns it."""
        came.clear()
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            self.show(measured, **options)
            self.peer.spin(STEP)
            for message in came:
                if condition(message):
                    return message
        raise AssertionError(f'none of {len(came)} messages fits')


@pytest.fixture
def camera(own_peer, person):
    camera = DepthCamera(own_peer, person)
    yield camera
    camera.close()


@pytest.fixture
def came(own_peer):
    with own_peer.listening('/movenet/poses_3d', PoseArray3D, 1000) as messages:
        yield messages


def positioned(message):
    return message.poses and np.isfinite(message.poses[0].position).all()


def without_position(*reasons):
    def fits(message):
        return (message.poses and np.isnan(message.poses[0].position).all()
                and {point.reason for point in message.poses[0].keypoints} <= set(reasons))
    return fits


def counts(peer, *needed):
    """Values of the first status that has these keys."""
    with peer.diagnostics() as reports:
        return peer.until(lambda: next(
            (values for report in reports
             if set(needed) <= (values := values_of(report.status[0])).keys()), None), needed)


def test_a_person_is_where_the_depth_says(node, camera, came, own_peer):
    with own_peer.poses() as poses:
        message = camera.until(came, positioned, camera.flat())
        (flat,) = [p for p in poses if p.header.stamp == message.header.stamp]
    (person,) = message.poses
    assert (message.header, message.sequence) == (flat.header, flat.sequence)
    assert (person.id, person.score) == (flat.poses[0].id, flat.poses[0].score)
    assert person.position[2] == pytest.approx(NEAR, abs=1e-3)
    assert person.distance == pytest.approx(np.linalg.norm(person.position), abs=1e-5)
    assert person.position / person.distance == pytest.approx(person.ray, abs=1e-5)
    assert (person.near, person.far) == pytest.approx((NEAR, NEAR), abs=1e-3)
    nose, flat_nose = person.keypoints[0], flat.poses[0].keypoints[0]
    assert (nose.reason, nose.score, nose.visible) == (
        Keypoint3D.OK, flat_nose.score, flat_nose.visible)
    # The principal point is in the middle of the image.
    wanted = np.array([flat_nose.x - camera.width / 2, flat_nose.y - camera.height / 2]) / FOCAL
    assert nose.ray[:2] / nose.ray[2] == pytest.approx(wanted, abs=1e-5)


def test_a_float_is_in_metres(node, camera, came):
    message = camera.until(
        came, lambda m: positioned(m) and m.poses[0].position[2] > 2.9, camera.flat(3.0, '32FC1'))
    assert message.poses[0].position[2] == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(('what', 'reasons', 'cause', 'words'), [
    ('nothing', [Keypoint3D.NO_DEPTH_IMAGE], 'stopped', '/peer publishes on /depth'),
    ('zeros', [Keypoint3D.NO_DEPTH, Keypoint3D.OUTSIDE], 'no_values', '0, NaN or infinity'),
    ('nan', [Keypoint3D.NO_DEPTH, Keypoint3D.OUTSIDE], 'no_values', '0, NaN or infinity'),
    ('infinity', [Keypoint3D.NO_DEPTH, Keypoint3D.OUTSIDE], 'no_values', '0, NaN or infinity'),
    ('a picture', [Keypoint3D.NO_DEPTH_IMAGE], 'unsupported_encoding', 'is not depth'),
    ('another size', [Keypoint3D.UNREGISTERED], 'another_size', 'depth_image_proc'),
    ('another frame', [Keypoint3D.UNREGISTERED], 'another_frame', 'depth_optical_frame')])
def test_depth_that_cannot_be_used_harms_nothing_else(what, reasons, cause, words, node, camera,
                                                      came, own_peer):
    camera.until(came, positioned, camera.flat())
    measured = {
        'nothing': None, 'zeros': camera.flat(0.0), 'nan': camera.flat(np.nan, '32FC1'),
        'infinity': camera.flat(np.inf, '32FC1'), 'a picture': image(camera.picture),
        'another size': camera.flat(scale=2), 'another frame': camera.flat()}[what]
    frame = 'depth_optical_frame' if what == 'another frame' else FRAME
    with own_peer.poses() as poses:
        message = camera.until(came, without_position(*reasons), measured, frame=frame)
        assert [p for p in poses if p.header.stamp == message.header.stamp]
    assert np.isfinite(message.poses[0].ray).all()
    end = time.monotonic() + DEADLINE
    while not [line for line in node.lines if f'({cause}): ' in line and words in line]:
        assert time.monotonic() < end, node.text
        camera.until(came, without_position(*reasons), measured, frame=frame)
    key = f'images without depth: {cause}'
    assert int(counts(own_peer, key)[key]) > 0
    camera.until(came, positioned, camera.flat())


def test_a_clock_that_goes_back_starts_afresh(node, camera, came):
    camera.until(came, positioned, camera.flat())
    camera.stamps = itertools.count(10.0, STEP)
    message = camera.until(came, lambda m: m.header.stamp.sec < 1000 and positioned(m),
                           camera.flat())
    assert message.poses[0].position[2] == pytest.approx(NEAR, abs=1e-3)


def test_depth_every_second_belongs_to_the_image_of_its_stamp(node, camera, came, own_peer):
    camera.until(came, positioned, camera.flat())
    # What is near depends on the interval between images, which the node has to learn, without gaps.
    for _ in range(10):
        camera.show(None)
        own_peer.spin(STEP)
    wanted = {}
    for number in range(100):
        with_depth = number % 30 == 10
        wanted[camera.show(camera.flat() if with_depth else None)] = with_depth
        own_peer.spin(STEP)

    def found():
        """Of the images in question; a slow node may leave out some, and each waits for 0.2 s."""
        stamps = [round(m.header.stamp.sec * 1000 + m.header.stamp.nanosec / 1e6) for m in came]
        return {stamp: bool(positioned(message))
                for stamp, message in zip(stamps, came, strict=True) if stamp in wanted}

    own_peer.until(lambda: max(found(), default=0) > max(wanted) - 500, 'the last images')
    answered = found()
    assert answered == {stamp: wanted[stamp] for stamp in answered}
    assert any(answered.values()) and not all(answered.values())


def test_every_image_is_counted_once(node, camera, came, own_peer):
    camera.until(came, positioned, camera.flat())

    def totals():
        """Images that were processed, with or without depth, with or without camera_info."""
        camera.show(camera.flat())
        own_peer.spin(0.5)
        values = counts(own_peer, 'images with depth')
        assert (values['depth topic'], values['camera_info topic']) == ('/depth', '/camera_info')
        return [sum(int(value) for key, value in values.items() if key.startswith(keys))
                for keys in ('images processed',
                             ('images with depth', 'images without depth: '),
                             ('images with camera_info', 'images without camera_info: '))]

    # An image may be on its way while diagnostics are made.
    assert any(len(set(totals())) == 1 for _ in range(5))


@pytest.mark.parametrize('qos', [LATCHED, best_effort()])
def test_directions_need_a_camera_info_alone(qos, own_peer, person):
    remaps = ('-r image:=/front/image_raw', '-r __node:=other')
    with NodeProcess(*remaps, autostart='true') as node:
        node.wait_for_line('active: ')
        with own_peer.listening('/other/poses_3d', PoseArray3D, 100) as came:
            camera = own_peer.camera('/front/image_raw', qos=RELIABLE)
            info = own_peer.camera('/front/camera_info', CameraInfo, qos)
            own_peer.until(lambda: own_peer.node.count_subscribers('/front/camera_info'), 'a node')
            own_peer.spin(0.0 if qos is LATCHED else 1.0)
            height, width = person.shape[:2]
            info.publish(camera_info(width, height), FRAME)
            own_peer.until(lambda: camera.publish(image(person), FRAME) and [
                m for m in came if m.poses], 'directions')
            message = next(m for m in came if m.poses)
            subscribed = own_peer.node.get_subscriber_names_and_types_by_node('other', '/')
            assert not [name for name, _ in subscribed if 'depth' in name]
            camera.close()
            info.close()
    (found,) = message.poses
    assert np.linalg.norm(found.ray) == pytest.approx(1.0, abs=1e-6)
    assert np.isnan([*found.position, found.distance, found.near]).all()
    assert {point.reason for point in found.keypoints} == {Keypoint3D.NO_DEPTH_IMAGE}


def test_each_camera_has_its_own_depth(own_peer, person):
    parameters = {'cameras': '[left,right]', 'depth.transport': 'raw'}
    with NodeProcess(autostart='true', **parameters) as node:
        node.wait_for_line('active: ')
        for name, metres in (('left', 1.5), ('right', 2.5)):
            camera = DepthCamera(own_peer, person, f'{name}/')
            with own_peer.listening(f'/movenet/{name}/poses_3d', PoseArray3D, 100) as came:
                message = camera.until(came, positioned, camera.flat(metres))
            assert message.poses[0].position[2] == pytest.approx(metres, abs=1e-3)
            camera.close()


def test_depth_that_is_late_is_told_from_none(own_peer, person):
    with NodeProcess('-r __ns:=/late', '-p depth.transport:=raw', autostart='true') as node:
        node.wait_for_line('active: ')
        camera = DepthCamera(own_peer, person, '/late/')
        stamps = []
        own_peer.until(lambda: _show_late(camera, stamps) and '(stopped)' in node.text, 'advice')
        camera.close()
    (line,) = [line for line in node.lines if '(stopped)' in line]
    assert 'no depth images come' in line and '/peer publishes on /late/depth' in line
    assert 'behind that of the images: depth that is late needs a larger shared memory' in line


def _show_late(camera, stamps):
    stamps.append(next(camera.stamps))
    camera.info.publish(camera_info(camera.width, camera.height), FRAME, stamps[-1])
    camera.image.publish(image(camera.picture), FRAME, stamps[-1])
    if len(stamps) > 15:
        camera.depth.publish(camera.flat(), FRAME, stamps[-15])
    return True


@pytest.mark.parametrize(('lag', 'words'), [
    (None, ''), (0.4, '0.40 s behind that of the images: depth that is late'),
    (10.0, '10.00 s behind that of the images: has it stopped'),
    (-10.0, '10.00 s ahead of that of the images: has it stopped')])
def test_how_late_depth_is_said_with_what_to_do(lag, words):
    assert words in lag_advice(lag)


def test_the_position_of_the_target_needs_a_calibration_too(own_peer, person):
    with NodeProcess('-r __node:=tall', '-r image:=/tall/image_raw', '-p target.select:=nearest',
                     '-p target.camera_height:=1.2', autostart='true') as node:
        node.wait_for_line('active: ')
        camera = own_peer.camera('/tall/image_raw', qos=RELIABLE)
        with own_peer.listening('/tall/target_pose', PoseStamped, 100):
            own_peer.until(lambda: camera.publish(image(person), FRAME) and
                           'nothing on /tall/target_pose' in node.text, 'advice')
        camera.close()


def test_without_a_calibration_one_line_says_what_to_do(own_peer, person):
    with NodeProcess('-r __node:=blind', '-r image:=/raw/image', autostart='true') as node:
        node.wait_for_line('active: ')
        elsewhere = own_peer.camera('/elsewhere/camera_info', CameraInfo, RELIABLE)
        camera = own_peer.camera('/raw/image', qos=RELIABLE)
        with own_peer.listening('/blind/poses_3d', PoseArray3D, 100) as came:
            own_peer.until(lambda: camera.publish(image(person), FRAME) and
                           'nothing on /blind/poses_3d' in node.text, 'advice')
            own_peer.spin(0.3)
            assert came == []
        camera.close()
        elsewhere.close()
    (line,) = [line for line in node.lines if 'nothing on /blind/poses_3d' in line]
    assert 'no publisher on /raw/camera_info' in line
    assert 'remap with -r camera_info:=/elsewhere/camera_info' in line
