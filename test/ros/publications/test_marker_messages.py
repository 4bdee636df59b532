"""Skeletons in 3-D as visualization_msgs/MarkerArray: what RViz asks of them."""
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from visualization_msgs import msg as messages

from movenet_ros.core.skeleton import EDGES, LEFT_WRIST, NOSE
from movenet_ros.ros.conversions import to_header
from movenet_ros.ros.publications.marker_messages import SkeletonMarkers

Marker, MarkerArray = messages.Marker, messages.MarkerArray

SECOND = 10**9
UNKNOWN = np.full((17, 3), np.nan, np.float32)


@pytest.fixture
def skeletons():
    return SkeletonMarkers(messages)


def person(*known):
    """Keypoint i at (i/10, i/5, 2) m; of these alone, if some are given."""
    steps = np.arange(17, dtype=np.float32)
    points = np.stack([steps / 10, steps / 5, np.full(17, 2.0, np.float32)], axis=1)
    if known:
        points[[index for index in range(17) if index not in known]] = np.nan
    return points


def markers(skeletons, people, stamp_ns=SECOND):
    """The markers of an image, as a subscriber gets them, by namespace and id."""
    header = to_header(divmod(stamp_ns, SECOND), 'camera_optical_frame')
    array = skeletons.of_image(header, stamp_ns, list(people), np.array(
        [*people.values()], np.float32).reshape(-1, 17, 3))
    array = deserialize_message(serialize_message(array), MarkerArray)
    found = {(marker.ns, marker.id): marker for marker in array.markers}
    assert len(found) == len(array.markers)
    return found


def keys(markers, action):
    return {key for key, marker in markers.items() if marker.action == action}


def parts(*numbers):
    return {(namespace, number) for number in numbers
            for namespace in ('joints', 'bones', 'labels')}


def test_a_person_is_three_markers_in_the_frame_of_the_image(skeletons):
    found = markers(skeletons, {7: person()}, 12 * SECOND + 345)
    assert keys(found, Marker.ADD) == set(found) == parts(7)
    assert [found[name, 7].type for name in ('joints', 'bones', 'labels')] == [
        Marker.SPHERE_LIST, Marker.LINE_LIST, Marker.TEXT_VIEW_FACING]
    for marker in found.values():
        assert marker.header.frame_id == 'camera_optical_frame'
        assert (marker.header.stamp.sec, marker.header.stamp.nanosec) == (12, 345)
        orientation = marker.pose.orientation
        assert (orientation.x, orientation.y, orientation.z, orientation.w) == (0, 0, 0, 1)
        assert marker.color.a == 1.0 and marker.scale.x > 0 and len(marker.colors) == 0


def test_points_are_the_keypoints_and_the_lines_between_them(skeletons):
    found = markers(skeletons, {1: person()})
    where = [(point.x, point.y, point.z) for point in found['joints', 1].points]
    assert np.allclose(where, person())
    ends = [(point.x, point.y, point.z) for point in found['bones', 1].points]
    assert np.allclose(ends, person()[[end for edge in EDGES for end in edge]])


def test_the_label_is_above_the_person(skeletons):
    label = markers(skeletons, {12: person()})['labels', 12]
    assert label.text == '12'
    assert (label.pose.position.x, label.pose.position.z) == pytest.approx((0.0, 2.0))
    assert -0.5 < label.pose.position.y < -0.1


def test_unknown_keypoints_are_in_no_marker(skeletons):
    points = person()
    points[LEFT_WRIST, 2] = np.nan
    found = markers(skeletons, {1: points})
    everything = [*found['joints', 1].points, *found['bones', 1].points]
    assert len(found['joints', 1].points) == 16
    assert len(found['bones', 1].points) == 2 * (len(EDGES) - 1)
    assert all(np.isfinite([point.x, point.y, point.z]).all() for point in everything)


def test_a_list_of_lines_without_lines_is_left_out(skeletons):
    assert set(markers(skeletons, {1: person(NOSE, LEFT_WRIST)})) == {('joints', 1), ('labels', 1)}


def test_a_list_of_lines_that_becomes_empty_is_deleted(skeletons):
    markers(skeletons, {1: person()})
    found = markers(skeletons, {1: person(NOSE)}, 2 * SECOND)
    assert keys(found, Marker.DELETE) == {('bones', 1)}
    assert keys(found, Marker.ADD) == {('joints', 1), ('labels', 1)}


def test_who_has_no_position_is_left_out_and_deleted(skeletons):
    assert markers(skeletons, {1: UNKNOWN}) == {}
    markers(skeletons, {1: person(), 2: person()})
    found = markers(skeletons, {1: UNKNOWN, 2: person()})
    assert keys(found, Marker.DELETE) == parts(1)


def test_who_has_left_is_deleted_once_and_by_frame(skeletons):
    markers(skeletons, {1: person(), 2: person()})
    found = markers(skeletons, {2: person()}, 2 * SECOND)
    assert keys(found, Marker.DELETE) == parts(1)
    assert keys(found, Marker.ADD) == parts(2)
    # RViz does not find a marker to delete without its frame
    assert all(marker.header.frame_id == 'camera_optical_frame' for marker in found.values())
    assert keys(markers(skeletons, {2: person()}, 3 * SECOND), Marker.DELETE) == set()
    assert keys(markers(skeletons, {}, 4 * SECOND), Marker.DELETE) == parts(2)
    assert markers(skeletons, {}, 5 * SECOND) == {}


@pytest.mark.parametrize(('period_ns', 'lifetime'), [
    (SECOND // 5, 0.6), (SECOND // 100, 0.2), (10 * SECOND, 3.0), (-SECOND, 3.0), (0, 3.0)])
def test_markers_outlive_some_periods(skeletons, period_ns, lifetime):
    markers(skeletons, {1: person()}, 20 * SECOND)
    found = markers(skeletons, {1: person()}, 20 * SECOND + period_ns)
    for marker in found.values():
        assert marker.lifetime.sec + marker.lifetime.nanosec / SECOND == pytest.approx(lifetime)


def test_people_can_be_told_apart_by_their_colours(skeletons):
    found = markers(skeletons, {number: person() for number in range(1, 8)})
    colours = {(marker.color.r, marker.color.g, marker.color.b) for marker in found.values()}
    assert len(colours) == 7
