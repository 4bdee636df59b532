"""Cameras that are not upright: the poses are those of an upright one, in the image's own frame."""
import dataclasses
import itertools

import numpy as np
import pytest
from support.paths import DATA
from support.poses import people

from movenet_ros.config import Config
from movenet_ros.core.inference import run_batched
from movenet_ros.core.pipeline import advance, process_image
from movenet_ros.core.resample import rotated
from movenet_ros.core.rotation import rotate_points_back, rotate_poses_back
from movenet_ros.core.skeleton import KEYPOINT_NAMES
from movenet_ros.core.state import State
from movenet_ros.core.types import Picture, Poses
from movenet_ros.engines.loading import load_networks
from movenet_ros.errors import ParameterError
from movenet_ros.files.sources import open_source

ANGLES = (0, 90, 180, 270)
MODES = {'lightning': {}, 'multipose': {'model': 'multipose'},
         'refined': {'model': 'multipose', 'refine': 'lightning'}}
IMAGES = 6
STEP = 66_666_667  # ns
RANDOM = np.random.default_rng(5)


def as_mounted(pixels, degrees):
    """What a camera sees whose images have to be rotated by so many degrees clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, degrees // 90))


def in_the_image(xy, degrees, size):
    """Points of an upright picture of this width and height, where such a camera sees them."""
    (width, height), (x, y) = size, np.moveaxis(np.asarray(xy, np.float64), -1, 0)
    return np.stack({0: (x, y), 90: (y, width - x), 180: (width - x, height - y),
                     270: (height - y, x)}[degrees], axis=-1)


@pytest.mark.parametrize('degrees', ANGLES)
@pytest.mark.parametrize(('order', 'channels'), [('bgr', 3), ('mono', 1), ('rgba', 4)])
@pytest.mark.parametrize('shape', [(7, 5), (4, 6), (1, 9), (9, 1)], ids=str)
def test_a_picture_is_rotated_clockwise(degrees, order, channels, shape):
    upright = RANDOM.integers(0, 256, (*shape, channels), np.uint8)
    found = rotated(Picture(as_mounted(upright, degrees), order, 16), degrees)
    np.testing.assert_array_equal(found.pixels, upright)
    assert (found.order, found.source_bits) == (order, 16)


def test_ninety_degrees_take_the_first_row_to_the_right():
    pixels = np.zeros((3, 4, 1), np.uint8)
    pixels[0] = 255
    found = rotated(Picture(pixels, 'mono'), 90)
    assert (found.width, found.height) == (3, 4)
    assert found.pixels[:, :, 0].tolist() == [[0, 0, 255]] * 4


def test_rows_with_padding_are_rotated_and_the_picture_is_not_written_to():
    padded = RANDOM.integers(0, 256, (7, 11, 3), np.uint8)
    padded.flags.writeable = False
    found = rotated(Picture(padded[:, :5]), 180)
    np.testing.assert_array_equal(found.pixels, padded[::-1, 4::-1])


def test_an_upright_picture_and_its_poses_are_taken_as_they_are():
    picture, poses = Picture(np.zeros((4, 6, 3), np.uint8)), Poses.empty()
    assert rotated(picture, 0) is picture
    assert rotate_poses_back(poses, 0, 6, 4) is poses


@pytest.mark.parametrize('degrees', ANGLES)
def test_points_go_back_to_the_pixels_that_they_are_on(degrees):
    height, width = 7, 5
    numbers = np.arange(height * width, dtype=np.uint8).reshape(height, width, 1)
    upright = rotated(Picture(numbers, 'mono'), degrees).pixels[:, :, 0]
    rows, columns = np.indices(upright.shape)
    centres = np.stack((columns + 0.5, rows + 0.5), axis=-1)
    found = np.floor(rotate_points_back(centres, degrees, width, height)).astype(int)
    np.testing.assert_array_equal(numbers[found[..., 1], found[..., 0], 0], upright)


@pytest.mark.parametrize('degrees', ANGLES)
def test_nobody_is_nobody_at_any_angle(degrees):
    found = rotate_poses_back(Poses.empty(), degrees, 640, 480)
    assert len(found) == 0


@pytest.mark.parametrize(('degrees', 'velocity'), [
    (90, (2.0, -1.0)), (180, (-1.0, -2.0)), (270, (-2.0, 1.0))])
def test_velocities_turn_with_the_picture(degrees, velocity):
    upright = dataclasses.replace(people((10.0, 20.0)), velocity=np.float32([[1.0, 2.0]]))
    assert rotate_poses_back(upright, degrees, 640, 480).velocity.tolist() == [list(velocity)]
    later = dataclasses.replace(upright, xy=upright.xy + upright.velocity[:, None])
    moved = (rotate_poses_back(later, degrees, 640, 480).xy
             - rotate_poses_back(upright, degrees, 640, 480).xy)
    np.testing.assert_allclose(moved, np.broadcast_to(np.float32(velocity), (1, 17, 2)), atol=1e-4)


@pytest.fixture(scope='module')
def frames():
    """Pictures with odd sides, not square."""
    with open_source(DATA / 'several_people.mp4') as source:
        return [np.ascontiguousarray(frame.picture().pixels[:-1, :-3])
                for frame in itertools.islice(source, 0, 2 * IMAGES, 2)]


@pytest.fixture(scope='module', params=MODES)
def mode(request, frames):
    """The parameters of a pipeline, its networks, and the poses of the upright pictures."""
    config = Config().replace(MODES[request.param])
    networks = load_networks(config)
    yield config, networks, run(frames, networks, config)[1]
    networks.close()


def run(frames, networks, config):
    """The state at the end, and the poses of each picture."""
    state, result = State(), []
    for index, pixels in enumerate(frames):
        state, poses = advance(state, Picture(pixels, 'bgr'), index * STEP, networks, config)
        result.append(poses)
    return state, result


def check_same(found, upright, degrees, size):
    """Both are the same people; those that were found are in the frame of the image."""
    assert found.id.tolist() == upright.id.tolist()
    np.testing.assert_array_equal(found.keypoint_score, upright.keypoint_score)
    np.testing.assert_array_equal(found.score, upright.score)
    np.testing.assert_array_equal(found.age, upright.age)
    # float32 coordinates, subtracted from the size
    np.testing.assert_allclose(found.xy, in_the_image(upright.xy, degrees, size), atol=1e-4)
    corners = in_the_image(upright.box.reshape(-1, 2, 2), degrees, size)
    np.testing.assert_allclose(found.box[:, :2], corners.min(axis=1), atol=1e-4)
    np.testing.assert_allclose(found.box[:, 2:], corners.max(axis=1), atol=1e-4)


@pytest.mark.parametrize('degrees', ANGLES)
def test_poses_are_those_of_an_upright_camera_in_the_frame_of_the_image(mode, frames, degrees):
    config, networks, upright = mode
    height, width = frames[0].shape[:2]
    assert sum(map(len, upright)) >= IMAGES and height % 2 and width % 2 and height != width
    state, found = run([as_mounted(pixels, degrees) for pixels in frames], networks,
                       config.replace({'rotate': degrees}))
    assert state.size == (width, height)
    for poses, expected in zip(found, upright, strict=True):
        check_same(poses, expected, degrees, (width, height))


def test_cameras_at_different_angles_in_one_batch(mode, frames):
    config, networks, upright = mode
    height, width = frames[0].shape[:2]
    angles = {'door': 0, 'ceiling': 180, 'shelf': 270}
    config = config.replace({'cameras': tuple(angles), 'rotate': tuple(angles.values())})
    states = dict.fromkeys(angles, State())
    for index, pixels in enumerate(frames[:3]):
        results = run_batched([process_image(
            states[camera], Picture(as_mounted(pixels, degrees), 'bgr'), index * STEP, networks,
            config, camera) for camera, degrees in angles.items()])
        for (camera, degrees), (state, poses) in zip(angles.items(), results, strict=True):
            states[camera] = state
            check_same(poses, upright[index], degrees, (width, height))


@pytest.mark.parametrize('name', MODES)
def test_left_stays_left(name):
    """A person who faces the camera: left is to the right in an upright image."""
    config = Config().replace({**MODES[name], 'rotate': 180})
    with open_source(DATA / 'astronaut.jpg') as source:
        pixels = as_mounted(next(iter(source)).picture().pixels, 180)
    networks = load_networks(config)
    _, poses = advance(State(), Picture(pixels, 'bgr'), 0, networks, config)
    networks.close()
    place = dict(zip(KEYPOINT_NAMES, poses.xy[0], strict=True))
    assert place['left_shoulder'][0] < place['right_shoulder'][0] - 20
    assert place['left_eye'][0] < place['right_eye'][0] - 5
    assert place['nose'][1] > place['left_shoulder'][1] + 20


def test_an_image_without_its_camera_needs_one_angle_for_all():
    config = Config().replace({'cameras': ('a', 'b'), 'rotate': (0, 180)})
    with pytest.raises(ParameterError, match=r"'rotate' = \(0, 180\): must hold one value where "
                                             'there is one camera'):
        advance(State(), Picture(np.zeros((4, 6, 3), np.uint8)), 0, None, config)
