"""People as vision_msgs/Detection2DArray and Detection3DArray."""
import numpy as np
import pytest
from support.neighbour_messages import every_way
from support.poses import people

from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.ros.conversions import to_header
from movenet_ros.ros.publications.detection_messages import to_detections_2d, to_detections_3d

HEADER = to_header((12, 345), 'camera_optical_frame')


@pytest.fixture(params=every_way('vision_msgs'), ids=lambda way: type(way).__name__)
def package(request):
    return request.param


def in_metres(*known, position=None, extent=None):
    """As many people as there are lists of keypoints that are known; they are at (i/10, i/5, 2)."""
    people = Poses3D.unknown(np.arange(1, len(known) + 1, dtype=np.int32), Reason.NO_DEPTH)
    for row, keypoints in enumerate(known):
        for index in keypoints:
            people.keypoint_position[row, index] = (index / 10, index / 5, 2.0)
        people.position[row] = np.nan if position is None else position
        people.extent[row] = np.nan if extent is None else extent
    return people


def test_boxes_are_in_pixels_around_their_centres(package):
    poses = people((100, 50), (300, 20), ids=[7, 3], score=0.75)
    array = package.copy(to_detections_2d(package.messages, HEADER, poses))
    assert [detection.id for detection in array.detections] == ['7', '3']
    box = array.detections[0].bbox
    assert (box.center.position.x, box.center.position.y, box.center.theta) == (108.0, 58.0, 0.0)
    assert (box.size_x, box.size_y) == (16.0, 16.0)
    hypothesis = array.detections[0].results[0].hypothesis
    assert (hypothesis.class_id, hypothesis.score) == ('person', 0.75)


def test_every_header_is_that_of_the_image(package):
    poses = people((100, 50))
    arrays = [to_detections_2d(package.messages, HEADER, poses),
              to_detections_3d(package.messages, HEADER, poses, in_metres(range(17)))]
    for array in map(package.copy, arrays):
        for header in (array.header, array.detections[0].header):
            assert header.frame_id == 'camera_optical_frame'
            assert (header.stamp.sec, header.stamp.nanosec) == (12, 345)


def test_nobody_is_an_empty_list(package):
    poses = people()
    assert len(package.copy(to_detections_2d(package.messages, HEADER, poses)).detections) == 0
    array = to_detections_3d(package.messages, HEADER, poses, in_metres())
    assert len(package.copy(array).detections) == 0


def box_of(package, people_3d):
    detection, = package.copy(to_detections_3d(
        package.messages, HEADER, people((0, 0), ids=[9]), people_3d)).detections
    assert detection.id == '9'
    for pose in (detection.bbox.center, detection.results[0].pose.pose):
        assert (pose.orientation.x, pose.orientation.y, pose.orientation.z,
                pose.orientation.w) == (0.0, 0.0, 0.0, 1.0)
    where = [(point.x, point.y, point.z) for point in (
        detection.bbox.center.position, detection.bbox.size,
        detection.results[0].pose.pose.position)]
    return np.array(where)


def test_a_box_in_metres_holds_the_known_keypoints(package):
    center, size, position = box_of(package, in_metres(range(5, 17), position=(1.0, 2.0, 2.1)))
    assert center == pytest.approx((1.05, 2.1, 2.0))
    assert size == pytest.approx((1.1, 2.2, 0.0), abs=1e-6)
    assert position == pytest.approx((1.0, 2.0, 2.1))


def test_a_box_in_metres_holds_the_extent_in_depth(package):
    center, size, _ = box_of(package, in_metres(range(17), extent=(1.5, 2.7)))
    assert (center[2], size[2]) == pytest.approx((2.1, 1.2))
    center, size, _ = box_of(package, in_metres(range(17), extent=(2.1, 2.2)))
    assert (center[2], size[2]) == pytest.approx((2.1, 0.2))


def test_without_a_position_the_centre_stands_for_it(package):
    center, _, position = box_of(package, in_metres([0, 16]))
    assert position == pytest.approx(center)


def test_who_has_no_depth_is_left_out_of_3_d_only(package):
    poses = people((0, 0), (50, 50), ids=[1, 2])
    array = to_detections_3d(package.messages, HEADER, poses, in_metres([], range(17)))
    assert [detection.id for detection in package.copy(array).detections] == ['2']
    assert len(to_detections_2d(package.messages, HEADER, poses).detections) == 2
