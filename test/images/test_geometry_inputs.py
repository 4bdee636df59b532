"""Calibration and depth of images, as serialized messages come in, in any order."""
import numpy as np
import pytest
from hypothesis import given, settings
from support.bags import STORE, calibration, raw
from support.poses import people
from support.properties import check_error, mutated

from movenet_ros.config import Config
from movenet_ros.core.observation import ObservationState, ObservedImage, observe
from movenet_ros.core.types import Picture
from movenet_ros.errors import CameraModelError, ImageError
from movenet_ros.images.calibration import Calibration, camera_info_beside
from movenet_ros.images.cdr import IMAGE
from movenet_ros.images.geometry_inputs import GeometryInputs

WIDTH, HEIGHT = 32, 24
STEP = 33_333_333
PICTURE = Picture(np.zeros((HEIGHT, WIDTH, 3), np.uint8))


def serialized(message):
    return bytes(STORE.serialize_cdr(message, message.__msgtype__))


def info(width=WIDTH, height=HEIGHT, **fields):
    return serialized(calibration(width, height, **fields))


def depth(stamp_ns, value=2000, encoding='16UC1', frame_id='camera', size=(HEIGHT, WIDTH)):
    kind = np.float32 if encoding == '32FC1' else np.uint16
    return serialized(raw(np.full((*size, 1), value, kind), stamp_ns, encoding, frame_id))


def image(stamp_ns, frame_id='camera'):
    return ObservedImage(stamp_ns, frame_id, PICTURE, people((9.0, 9.0)))


@pytest.fixture
def inputs():
    inputs = GeometryInputs('/image', IMAGE)
    inputs.add_camera_info(info())
    return inputs


def test_depth_may_come_before_or_after_its_image(inputs):
    assert inputs.add_image('first', image(0)) == []
    (first,) = inputs.add_depth(depth(0))
    assert inputs.add_depth(depth(STEP)) == []
    (second,) = inputs.add_image('second', image(STEP))
    for located, token, stamp_ns in ((first, 'first', 0), (second, 'second', STEP)):
        assert (located.token, located.image.depth.stamp_ns) == (token, stamp_ns)
        assert located.image.camera.image_size == (WIDTH, HEIGHT)
        assert located.uncalibrated is located.without_depth is None


def test_how_late_depth_is(inputs):
    inputs.add_image('first', image(15 * STEP))
    assert inputs.depth_lag is None
    inputs.add_depth(depth(3 * STEP))
    assert inputs.depth_lag == pytest.approx(0.4)
    inputs.add_depth(depth(30 * STEP))
    assert inputs.depth_lag == pytest.approx(-0.5)


def test_without_a_depth_topic_nothing_waits():
    inputs = GeometryInputs('/image', None)
    (located,) = inputs.add_image('x', image(0))
    assert located.uncalibrated.cause == 'none'
    inputs.add_camera_info(info())
    (located,) = inputs.add_image('x', image(STEP))
    assert located.image.camera is not None
    assert located.without_depth is None


@pytest.mark.parametrize(('message', 'cause', 'words'), [
    (depth(0, frame_id='depth_frame'), 'another_frame', "'depth_frame'"),
    (depth(0, size=(12, 16)), 'another_size', '16 x 12'),
    (depth(0, 0), 'no_values', 'sensor'),
    (depth(0, np.inf, '32FC1'), 'no_values', 'sensor'),
    (depth(0, encoding='mono8'), 'unsupported_encoding', 'mono8'),
    (depth(0)[:-100], 'damaged_message', 'bytes')])
def test_depth_that_cannot_be_used(message, cause, words, inputs):
    assert inputs.add_image('x', image(0)) == []
    (located,) = inputs.add_depth(message)
    assert located.without_depth.cause == cause
    assert words in located.without_depth.text
    assert located.image.camera is not None


def test_depth_is_of_no_use_without_a_calibration():
    inputs = GeometryInputs('/image', IMAGE)
    inputs.add_image('x', image(0))
    (located,) = inputs.add_depth(depth(0))
    assert (located.uncalibrated.cause, located.without_depth.cause) == ('none', 'no_camera_info')
    assert located.image.depth is None


def test_a_message_without_a_header_belongs_to_no_image(inputs):
    with pytest.raises(ImageError) as caught:
        inputs.add_depth(b'\0\1\0\0')
    assert caught.value.cause == 'damaged_message'


def test_the_rest_is_given_out_once(inputs):
    inputs.add_image('x', image(0))
    assert inputs.is_waiting
    (located,) = inputs.rest()
    assert located.without_depth.cause == 'none_in_time'
    assert not inputs.is_waiting
    assert inputs.rest() == []


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(mutated(info()), mutated(depth(0), depth(0, 2.0, '32FC1')))
def test_whatever_comes_an_image_comes_out_and_is_observed(calibration_bytes, depth_bytes):
    inputs = GeometryInputs('/image', IMAGE)
    inputs.add_camera_info(calibration_bytes)
    done = inputs.add_image('x', image(0))
    try:
        done += inputs.add_depth(depth_bytes)
    except ImageError as error:
        check_error(error)
    (located,) = [*done, *inputs.rest()]
    for problem in filter(None, (located.uncalibrated, located.without_depth)):
        check_error(problem.text)
    _, observation = observe(ObservationState(), located.image, Config())
    assert (observation.poses_3d is None) == (located.uncalibrated is not None)


def cause_of(calibration, frame_id='camera', size=(WIDTH, HEIGHT)):
    with pytest.raises(CameraModelError) as caught:
        calibration.of_image(frame_id, *size)
    return caught.value.cause


def test_a_calibration_belongs_to_images_of_its_frame_and_size():
    known = Calibration('/image')
    assert cause_of(known) == 'none'
    known.add(info())
    assert known.of_image('camera', WIDTH, HEIGHT) is known.of_image('', WIDTH, HEIGHT)
    assert cause_of(known, 'other') == 'another_frame'
    assert cause_of(known, size=(16, 12)) == 'another_image_size'


def test_the_newest_calibration_counts():
    known = Calibration('/image')
    known.add(info())
    before = known.of_image('camera', WIDTH, HEIGHT)
    # Another stamp alone makes no other calibration.
    known.add(info(stamp_ns=5))
    assert known.of_image('camera', WIDTH, HEIGHT) is before
    known.add(info(focal=600.0))
    assert known.of_image('camera', WIDTH, HEIGHT).focal_length == 600
    known.add(info(focal=0.0))
    assert cause_of(known) == 'uncalibrated'


def test_the_name_of_the_topic_says_whether_images_are_rectified():
    for topic, rectified in (('/c/image_raw', False), ('/c/image_rect', True)):
        known = Calibration(topic)
        known.add(info())
        assert known.of_image('camera', WIDTH, HEIGHT).rectified is rectified


@pytest.mark.parametrize(('image_topic', 'topic'), [
    ('/camera/color/image_raw', '/camera/color/camera_info'), ('/image', '/camera_info'),
    ('/front/image/compressed', '/front/camera_info')])
def test_the_calibration_is_beside_the_images(image_topic, topic):
    assert camera_info_beside(image_topic) == topic
