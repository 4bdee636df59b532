"""~/overlay and ~/overlay/compressed: the same drawing, made for those who subscribe."""
import importlib.metadata

import cv2
import numpy as np
import pytest
from rclpy.qos import QoSReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image
from support.paths import DATA
from support.process import NodeProcess
from support.ros import best_effort, image
from support.sinks import random_poses

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.types import Picture
from movenet_ros.images.overlay import draw
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros import overlay_output
from movenet_ros.ros.conversions import from_pose_array
from movenet_ros.ros.overlay_output import OverlayOutput

RAW, COMPRESSED = '/movenet/overlay', '/movenet/overlay/compressed'
JPEG_ERROR = 6.0
"""Mean difference of a photograph after JPEG compression, in grey levels."""


@pytest.fixture(scope='module')
def person():
    return cv2.imread(str(DATA / 'astronaut.jpg'))


@pytest.fixture(scope='module')
def active(peer):
    """A peer beside the activated node."""
    peer.bring_to('active')
    return peer


@pytest.fixture(scope='module')
def show(active, person):
    """Shows the person until the condition holds: the node learns of subscribers in its time."""
    with active.poses() as poses:
        camera = active.camera()
        camera.prime(poses)

        def show_until(condition, what):
            return active.until(lambda: camera.show(image(person), poses) and condition(), what)
        yield show_until
        camera.close()


def stamp_of(message):
    return message.header.stamp.sec, message.header.stamp.nanosec


def both(raws, files):
    """Both messages of one image of the person, or None.

    Those of the last blank image, which `prime` publishes, may come late.
    """
    stamps = {stamp_of(file): file for file in files if file.header.frame_id == 'camera'}
    return next(((raw, stamps[stamp_of(raw)]) for raw in raws if stamp_of(raw) in stamps), None)


@pytest.fixture(scope='module')
def overlays(active, show):
    """The raw and the compressed overlay of one image."""
    with (active.listening(RAW, Image, best_effort()) as raws,
          active.listening(COMPRESSED, CompressedImage, 1) as files):
        return show(lambda: both(raws, files), 'both overlays of an image')


def pixels_of(raw):
    return np.frombuffer(raw.data, np.uint8).reshape(raw.height, raw.width, 3)


def test_the_overlay_is_the_image_with_something_drawn(overlays, person):
    raw, _ = overlays
    assert raw.header.frame_id == 'camera'
    assert (raw.encoding, raw.width, raw.height, raw.step) == ('bgr8', 512, 512, 512 * 3)
    changed = (pixels_of(raw) != person).any(axis=2).mean()
    assert 0.001 < changed < 0.5


def test_the_compressed_overlay_is_the_same_picture(overlays):
    raw, file = overlays
    assert file.header == raw.header
    assert file.format == 'bgr8; jpeg compressed bgr8'
    decoded = cv2.imdecode(np.frombuffer(file.data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == (512, 512, 3)
    assert np.abs(decoded.astype(int) - pixels_of(raw)).mean() < JPEG_ERROR
    assert len(file.data) < len(raw.data) / 5


def test_the_target_is_marked(active, person):
    """What is drawn follows from the poses and the target of the node, to the pixel."""
    active.bring_to('unconfigured')
    assert active.set(target__select='central') == []
    active.bring_to('active')
    camera = active.camera()
    try:
        with active.poses() as poses, active.listening(RAW, Image, 1) as raws:
            camera.prime(poses)
            active.until(lambda: camera.show(image(person), poses).poses and raws, 'an overlay')
            wanted = stamp_of(camera.show(image(person), poses))
            active.until(lambda: stamp_of(raws[-1]) == wanted, 'the overlay of the last image')
    finally:
        camera.close()
        active.bring_to('unconfigured')
        assert active.set(target__select='none') == []
        active.bring_to('active')
    people, picture = from_pose_array(poses[-1]).poses, Picture(person, 'bgr')
    marked = draw(picture, people, OverlayConfig(), target=int(people.id[0]))
    assert (marked != draw(picture, people, OverlayConfig())).any()
    np.testing.assert_array_equal(pixels_of(raws[-1]), marked)


def test_cv_bridge_reads_both(overlays):
    bridge = pytest.importorskip('cv_bridge')
    if int(importlib.metadata.version('cv_bridge').partition('.')[0]) < 2:
        pytest.skip('this cv_bridge is that of ROS 1')
    raw, file = overlays
    pixels = bridge.CvBridge().imgmsg_to_cv2(raw, 'bgr8')
    decoded = bridge.CvBridge().compressed_imgmsg_to_cv2(file, 'bgr8')
    assert np.abs(decoded.astype(int) - pixels).mean() < JPEG_ERROR


@pytest.fixture
def output(own_peer, monkeypatch):
    """The output by itself, and what it draws, encodes and publishes."""
    done = []
    for name in ('draw', 'serialize_image', 'serialize_compressed'):
        function = getattr(overlay_output, name)

        def counted(*args, name=name, function=function):
            done.append(name)
            return function(*args)
        monkeypatch.setattr(overlay_output, name, counted)
    made = OverlayOutput(lambda kind, topic, qos: own_peer.node.create_publisher(
        kind, f'/drawn/{topic}', qos))
    picture = Picture(np.zeros((48, 64, 3), np.uint8), 'rgb')

    def publish():
        done.clear()
        made.publish(PublishedImage((1, 2), 'eye', 64, 48, 0, 'thunder'), picture,
                     random_poses(2), OverlayConfig(), 0)
        return sorted(done)
    return publish


@pytest.mark.parametrize(('topics', 'done'), [
    ((), []),
    (('overlay',), ['draw', 'serialize_image']),
    (('overlay/compressed',), ['draw', 'serialize_compressed']),
    (('overlay', 'overlay/compressed'), ['draw', 'serialize_compressed', 'serialize_image'])])
def test_drawn_once_and_only_for_those_who_subscribe(own_peer, output, topics, done):
    kinds = {'overlay': Image, 'overlay/compressed': CompressedImage}
    came = []
    for topic in topics:
        own_peer.node.create_subscription(kinds[topic], f'/drawn/{topic}', came.append, 1)
    # the publishers are matched in their own time
    own_peer.until(lambda: output() == done, f'{done} for {topics}')
    own_peer.until(lambda: {type(message) for message in came} == {kinds[t] for t in topics},
                   'the messages')


def test_a_named_camera_has_both_and_the_compressed_one_its_own_quality_of_service(own_peer):
    name = '/two/movenet/front/overlay/compressed'
    with NodeProcess('-r __ns:=/two', '-p cameras:=[front]',
                     f'-p qos_overrides.{name}.publisher.reliability:=best_effort',
                     autostart='true') as node:
        node.wait_for_line('active: ')

        def reliability(topic):
            publishers = own_peer.node.get_publishers_info_by_topic(topic)
            return [publisher.qos_profile.reliability for publisher in publishers]

        own_peer.until(lambda: reliability(name), 'the publisher')
        own_peer.until(lambda: reliability('/two/movenet/front/overlay'), 'the raw one')
        assert reliability(name) == [QoSReliabilityPolicy.BEST_EFFORT]
        assert reliability('/two/movenet/front/overlay') == [QoSReliabilityPolicy.RELIABLE]
