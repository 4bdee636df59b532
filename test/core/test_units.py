"""The units of coordinates where the parts of the pipeline meet.

Detections are image-normalised; crops and poses are pixels of the image.
"""
from dataclasses import astuple

import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.decode import decode_multi, decode_single
from movenet_ros.core.inference import run_inference
from movenet_ros.core.network import NetworkInfo, Networks
from movenet_ros.core.pipeline import advance
from movenet_ros.core.refined.candidate import new_person
from movenet_ros.core.refined.detection import detect_people
from movenet_ros.core.refined.limb_colors import limb_colors
from movenet_ros.core.refined.reading import CROP_SCALE, read
from movenet_ros.core.state import State
from movenet_ros.core.types import Crop, Picture

WIDTH, HEIGHT = 320, 240
SIZES = [(WIDTH, HEIGHT), (2 * WIDTH, 2 * HEIGHT)]
MODES = {'lightning': {'confirm_new_person': False}, 'multipose': {'model': 'multipose'},
         'refined': {'model': 'multipose', 'refine': 'lightning'}}


class FixedNetwork:
    """A network that finds the same person in every picture, given in units of its input."""

    def __init__(self, model, rows=None):
        self.rows = {'lightning': single_rows, 'multipose': multi_rows}[model]()
        if rows is not None:
            self.rows = rows
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


def crop_rows():
    """The same person in the crop around them."""
    rows, half = single_rows(), 0.5 / CROP_SCALE
    rows[:, 0] = np.linspace(0.5 - half, 0.5 + half, 17)
    rows[:, 1] = np.linspace(0.5 - half * 2 / 3, 0.5 + half * 2 / 3, 17)
    return rows


def picture(size):
    return Picture(np.zeros((size[1], size[0], 3), np.uint8))


def run_pipeline(size, mode):
    """The state and the poses after two images of a size."""
    config = Config().replace(MODES[mode])
    networks = Networks(FixedNetwork(config.model),
                        None if config.refine == 'none'
                        else FixedNetwork(config.refine, crop_rows()))
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
def test_detected_and_read_people_are_normalised(size):
    config = Config(model='multipose', refine='lightning')
    image = picture(size)
    detected = run_inference(detect_people(image, FixedNetwork('multipose'), config))
    np.testing.assert_allclose(detected.xy[0, [0, 16]], [(0.375, 0.25), (0.625, 0.75)])
    colors = limb_colors(image, detected.xy[0] * size, detected.keypoint_score[0])
    person = new_person(detected, colors)
    reader = FixedNetwork('lightning', crop_rows())
    [reading] = run_inference(read(image, [person], reader, config))
    np.testing.assert_allclose(reading.xy, detected.xy, atol=1e-6)


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
    if small.crop is not None:
        np.testing.assert_allclose(
            astuple(large.crop), np.multiply(2, astuple(small.crop)), rtol=1e-9)
    for number in small.refined:
        np.testing.assert_allclose(
            large.refined[number].box, small.refined[number].box, rtol=1e-9)
