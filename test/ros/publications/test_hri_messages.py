"""People as REP-155 has them."""
import numpy as np
import pytest
from support.neighbour_messages import every_way

from movenet_ros.core.skeleton import KEYPOINT_NAMES
from movenet_ros.ros.conversions import to_header
from movenet_ros.ros.publications.hri_messages import body_id, to_region, to_skeleton

HEADER = to_header((12, 345), 'camera_optical_frame')
SIZE = (640, 480)
# The constants of hri_msgs/Skeleton2D.
NAMES = ('nose', 'neck', 'right_shoulder', 'right_elbow', 'right_wrist', 'left_shoulder',
         'left_elbow', 'left_wrist', 'right_hip', 'right_knee', 'right_ankle', 'left_hip',
         'left_knee', 'left_ankle', 'left_eye', 'right_eye', 'left_ear', 'right_ear')


@pytest.fixture(params=every_way('hri_msgs'), ids=lambda way: type(way).__name__)
def package(request):
    return request.param


@pytest.fixture
def person():
    """Keypoint i at (10 i, 5 i) px with the score i / 20."""
    steps = np.arange(17, dtype=np.float32)
    return np.stack([10 * steps, 5 * steps], axis=1), steps / 20


def test_keypoints_are_in_the_order_of_skeleton_2d(package, person):
    message = package.copy(to_skeleton(package.messages, HEADER, *person, SIZE))
    assert len(message.skeleton) == len(NAMES)
    for name, point in zip(NAMES, message.skeleton, strict=True):
        if name != 'neck':
            number = KEYPOINT_NAMES.index(name)
            assert (point.x, point.y, point.c) == pytest.approx(
                (10 * number / 640, 5 * number / 480, number / 20))


def test_the_neck_is_between_the_shoulders(package, person):
    xy, score = person
    xy[5:7], score[5:7] = [(320, 100), (160, 140)], (0.9, 0.4)
    neck = package.copy(to_skeleton(package.messages, HEADER, xy, score, SIZE)).skeleton[1]
    assert (neck.x, neck.y, neck.c) == pytest.approx((240 / 640, 120 / 480, 0.4))


def test_what_is_outside_the_image_has_no_confidence(package, person):
    xy, score = person
    xy[0], score[0] = (-32, 500), 0.8
    nose = package.copy(to_skeleton(package.messages, HEADER, xy, score, SIZE)).skeleton[0]
    assert (nose.x, nose.y, nose.c) == (0.0, 1.0, 0.0)


def test_the_region_is_a_fraction_of_the_image(package):
    box = np.array([64, 48, 640, 240], np.float32)
    region = package.copy(to_region(package.messages, HEADER, box, 0.5, SIZE))
    assert (region.xmin, region.ymin, region.xmax, region.ymax, region.c) == pytest.approx(
        (0.1, 0.1, 1.0, 0.5, 0.5))
    assert (region.header.stamp.sec, region.header.frame_id) == (12, 'camera_optical_frame')


def test_an_id_can_be_part_of_a_topic():
    assert body_id(12) == 'p12'
