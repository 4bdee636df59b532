"""The units of coordinates where the parts of the pipeline meet.

Detections are image-normalised; crops and poses are pixels of the image.
"""
from dataclasses import astuple

import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.crop import next_crop
from movenet_ros.core.decode import decode_multi, decode_single
from movenet_ros.core.inference import run_inference
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.core.people import crop_around, detect_people, read_people
from movenet_ros.core.pipeline import advance
from movenet_ros.core.state import State
from movenet_ros.core.types import Crop, Picture

WIDTH, HEIGHT = 320, 240
SIZES = [(WIDTH, HEIGHT), (2 * WIDTH, 2 * HEIGHT)]
MODES = {'lightning': {'confirm_new_person': False}, 'multipose': {'model': 'multipose'},
         'refined': {'model': 'multipose', 'refine': 'lightning'}}


class FixedNetwork:
    """A network that finds the same person in every picture, given in units of its input."""

    def __init__(self, model):
        self.rows = single_rows() if model == 'lightning' else multi_rows()
        self.info = NetworkInfo(model, 'test', 'cpu', 1, '', 192 if model == 'lightning' else None)

    def infer(self, pictures, *_):
        return np.stack([self.rows] * len(pictures))

    def close(self):
        pass


def single_rows():
    """A person in the middle of the crop, 0.5 of it high and 0.25 wide."""
    rows = np.full((17, 3), 0.9, np.float32)
    rows[:, 0], rows[:, 1] = np.linspace(0.25, 0.75, 17), np.linspace(0.375, 0.625, 17)
    return rows


def multi_rows():
    """The same person as MultiPose gives it, and five rows without a person."""
    rows = np.zeros((6, 56), np.float32)
    rows[0, :51] = single_rows().ravel()
    rows[0, 51:] = 0.25, 0.375, 0.75, 0.625, 0.9
    return rows


def picture(size):
    return Picture(np.zeros((size[1], size[0], 3), np.uint8))


def run_pipeline(size, mode):
    """The state and the poses after two images of a size."""
    config = Config().replace(MODES[mode])
    networks = Networks(FixedNetwork(config.model),
                        None if config.refine == 'none' else FixedNetwork(config.refine))
    state = State()
    for stamp_ns in (0, 33_333_333):
        state, poses = advance(state, picture(size), stamp_ns, networks, config)
    return state, poses


@pytest.mark.parametrize('size', SIZES, ids=str)
def test_decode_single_takes_a_crop_in_pixels_and_gives_normalised_coordinates(size):
    width, height = size
    left_half = Crop(0.0, 0.0, width / 2, height)
    found = decode_single(single_rows(), left_half, width, height, Config())
    np.testing.assert_allclose(found.xy[0, [0, 16]], [(0.1875, 0.25), (0.3125, 0.75)])
    np.testing.assert_allclose(found.box, [(0.1875, 0.25, 0.3125, 0.75)])


def test_decode_multi_gives_normalised_coordinates():
    # 256 x 192 has no padding; with padding below, 256 x 144 in 256 x 160.
    found = decode_multi(multi_rows(), (256, 192), (256, 192), 0.25)
    np.testing.assert_allclose(found.xy[0, [0, 16]], [(0.375, 0.25), (0.625, 0.75)])
    np.testing.assert_allclose(found.box, [(0.375, 0.25, 0.625, 0.75)])
    found = decode_multi(multi_rows(), (256, 144), (256, 160), 0.25)
    np.testing.assert_allclose(found.xy[0, 16], (0.625, 0.75 * 160 / 144))
    np.testing.assert_allclose(found.box[0, 3], 0.75 * 160 / 144)


@pytest.mark.parametrize('size', SIZES, ids=str)
def test_detected_people_are_normalised_and_the_crops_around_them_are_pixels(size):
    config = Config(model='multipose', refine='lightning')
    people = run_inference(detect_people(picture(size), FixedNetwork('multipose'), config))
    np.testing.assert_allclose(people.xy[0, [0, 16]], [(0.375, 0.25), (0.625, 0.75)])
    crop = crop_around(people, 0, size, config)
    expected = next_crop(people.xy[0] * size, people.keypoint_score[0], *size, 0.2, config.crop)
    assert crop == expected
    assert crop.x_min < 0.375 * size[0] and 0.625 * size[0] < crop.x_max
    assert crop.y_min < 0.25 * size[1] and 0.75 * size[1] < crop.y_max


@pytest.mark.parametrize('size', SIZES, ids=str)
def test_people_are_read_from_crops_in_pixels_and_are_normalised(size):
    width, height = size
    crops = [Crop(0.0, 0.0, width / 2, height), Crop(width / 2, 0.0, width, height)]
    left, right = run_inference(read_people(
        picture(size), crops, FixedNetwork('lightning'), Config()))
    np.testing.assert_allclose(right.xy - left.xy, np.tile((0.5, 0.0), (1, 17, 1)), atol=1e-12)
    np.testing.assert_allclose(left.box, [(0.1875, 0.25, 0.3125, 0.75)])


@pytest.mark.parametrize('mode', MODES)
def test_poses_are_pixels_and_what_is_tracked_and_filtered_is_normalised(mode):
    state, poses = run_pipeline((WIDTH, HEIGHT), mode)
    track = state.tracks.tracks[0]
    smoothed = state.filters[track.id].smoothed
    np.testing.assert_allclose(poses.xy[0], smoothed * (WIDTH, HEIGHT), rtol=1e-6)
    np.testing.assert_allclose(poses.box[0], track.box * (WIDTH, HEIGHT, WIDTH, HEIGHT), rtol=1e-6)
    assert 10 < poses.xy[0, 0, 0] < WIDTH and 10 < poses.xy[0, 0, 1] < HEIGHT
    assert 0 < track.xy[0, 0] < 1 and 0 < track.xy[0, 1] < 1


@pytest.mark.parametrize('mode', MODES)
def test_in_an_image_twice_as_large_detections_stay_and_poses_and_crops_double(mode):
    (small, small_poses), (large, large_poses) = (run_pipeline(size, mode) for size in SIZES)
    np.testing.assert_allclose(large_poses.xy, 2 * small_poses.xy, rtol=1e-6)
    np.testing.assert_allclose(large_poses.box, 2 * small_poses.box, rtol=1e-6)
    before, after = small.tracks.tracks[0], large.tracks.tracks[0]
    np.testing.assert_allclose(after.xy, before.xy, rtol=1e-12)
    np.testing.assert_allclose(after.box, before.box, rtol=1e-12)
    np.testing.assert_allclose(large.filters[1].smoothed, small.filters[1].smoothed, rtol=1e-12)
    for crop, doubled in ((small.crop, large.crop), *(
            (small.refined[id].crop, large.refined[id].crop) for id in small.refined)):
        if crop is not None:
            np.testing.assert_allclose(astuple(doubled), np.multiply(2, astuple(crop)), rtol=1e-9)
