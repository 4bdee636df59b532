"""The node beside what takes messages of other packages, over DDS."""
import itertools

import cv2
import pytest
from sensor_msgs.msg import CameraInfo
from support.geometry import NEAR, camera_info, depth
from support.paths import DATA
from support.ros import image
from visualization_msgs.msg import Marker, MarkerArray

PERSON = image(cv2.imread(str(DATA / 'astronaut.jpg')))
SIDE = 512  # px, of that image


@pytest.fixture
def active(peer):
    peer.bring_to('unconfigured')
    yield peer
    peer.bring_to('unconfigured')
    assert peer.set(hri=False, depth__transport='none') == []


@pytest.fixture
def show(active):
    """Activates the node, and shows it the person until something comes of it."""
    def show(came):
        active.bring_to('active')
        camera = active.camera()
        with active.poses() as poses:
            camera.prime(poses)
            active.until(lambda: camera.show(PERSON, poses).poses and came, 'a message')
            camera.close()
        return came[-1]

    return show


@pytest.fixture
def in_depth(active):
    """Shows the node the person at a distance until something that fits comes of it."""
    assert active.set(depth__transport='raw') == []
    active.bring_to('active')
    cameras = {topic: active.camera(topic, kind, 10) for topic, kind in (
        ('camera_info', CameraInfo), ('image', type(PERSON)), ('depth', type(PERSON)))}
    messages = {'camera_info': camera_info(SIDE, SIDE), 'image': PERSON, 'depth': depth(SIDE, SIDE)}
    stamps = itertools.count(1000.0, 1 / 16)

    def show(came, fits):
        def fitting():
            stamp = next(stamps)
            for topic, camera in cameras.items():
                camera.publish(messages[topic], 'optical', stamp)
            active.spin(0.05)
            return [message for message in came if fits(message)]

        return active.until(fitting, 'a message that fits')[-1]

    yield show
    for camera in cameras.values():
        camera.close()


def test_markers(active, in_depth):
    with active.listening('/movenet/markers', MarkerArray, 1000, matched=False) as came:
        array = in_depth(came, lambda message: len(message.markers) == 3)
    found = {marker.ns: marker for marker in array.markers}
    assert {marker.header.frame_id for marker in array.markers} == {'optical'}
    assert found['joints'].type == Marker.SPHERE_LIST
    assert all(point.z == pytest.approx(NEAR, abs=0.01) for point in found['joints'].points)
    assert len(found['bones'].points) % 2 == 0
    assert found['labels'].text == '1'


def test_detections_3d(active, in_depth):
    vision_msgs = pytest.importorskip('vision_msgs.msg')
    with active.listening('/movenet/detections_3d', vision_msgs.Detection3DArray, 1000,
                          matched=False) as came:
        array = in_depth(came, lambda message: message.detections)
    detection, = array.detections
    assert (detection.id, detection.header.frame_id) == ('1', 'optical')
    assert detection.results[0].pose.pose.position.z == pytest.approx(NEAR, abs=0.01)
    assert 0.3 < detection.bbox.size.x < 2.0


def test_detections(active, show):
    vision_msgs = pytest.importorskip('vision_msgs.msg')
    with active.listening('/movenet/detections', vision_msgs.Detection2DArray, 1000,
                          matched=False) as came:
        show(came)
        active.until(lambda: came and came[-1].detections, 'a detection')
        message = came[-1]
    detection, = message.detections
    assert (message.header.frame_id, detection.id) == ('camera', '1')
    assert detection.results[0].hypothesis.class_id == 'person'
    assert 150 < detection.bbox.size_x < 512


def test_annotations(active, show):
    foxglove_msgs = pytest.importorskip('foxglove_msgs.msg')
    with active.listening('/movenet/annotations', foxglove_msgs.ImageAnnotations, 1000,
                          matched=False) as came:
        show(came)
        active.until(lambda: came and came[-1].texts, 'an annotation')
        message = came[-1]
    assert message.texts[0].text.startswith('1  ')
    assert message.timestamp == message.texts[0].timestamp
    box, _, points = message.points
    assert 150 < box.points[1].x - box.points[0].x < 512
    assert len(points.points) > 4


def test_bodies(active, show):
    hri_msgs = pytest.importorskip('hri_msgs.msg')
    assert active.set(hri=True) == []
    with (active.listening('/humans/bodies/tracked', hri_msgs.IdsList, 1000, matched=False),
          active.listening('/humans/bodies/p1/roi', hri_msgs.NormalizedRegionOfInterest2D, 1000,
                           matched=False) as regions,
          active.listening('/humans/bodies/p1/skeleton2d', hri_msgs.Skeleton2D, 1000,
                           matched=False)):
        region = show(regions)
        assert 0.0 <= region.xmin < 0.4 and 0.6 < region.xmax <= 1.0
        assert active.node.count_publishers('/humans/bodies/p1/roi') == 1
        active.bring_to('unconfigured')
        active.until(lambda: not active.node.count_publishers('/humans/bodies/p1/roi'), 'the end')
