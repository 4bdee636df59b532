"""The shipped int8 files: intact, and near the float files on real pictures."""

import cv2
import numpy as np
import pytest
from support.astronauts import astronaut, eight_astronauts
from support.paths import DATA, MODELS

from movenet_ros.core.resample import resample_crop, resample_whole
from movenet_ros.core.types import Crop, Picture
from movenet_ros.engines.importer.difference import keypoint_difference
from movenet_ros.engines.loading import load_network
from movenet_ros.engines.models import load_manifest

pytest.importorskip('ai_edge_litert', reason='LiteRT is not installed')

NAMES = ('lightning', 'thunder', 'multipose')
# Half of the keypoints lie within 0.35 px; the weights of a layer at fault, or a wrong scale,
# moves them by several.
MEDIAN = 0.7
P99 = 15


@pytest.fixture(scope='module')
def networks():
    loaded = {(name, precision): load_network(name, threads=2, engine='litert', precision=precision)
              for name in NAMES for precision in ('float32', 'int8')}
    yield loaded
    for network in loaded.values():
        network.close()


def clip(name, every):
    capture = cv2.VideoCapture(str(DATA / name))
    frames = []
    while (image := capture.read()[1]) is not None:
        frames.append(Picture(image, 'bgr'))
    return frames[::every]


def inputs_of_one_person(size):
    frames = clip('one_person.mp4', 8)
    whole = Crop(-60, 0, 420, 480)
    return [astronaut(size, size), *(resample_crop(frame, whole, size) for frame in frames)]


def inputs_of_people():
    frames = clip('several_people.mp4', 12)
    return [astronaut(192, 256), astronaut(256, 160), eight_astronauts(),
            *(resample_whole(frame, side) for frame in frames for side in (256, 320, 512))]


@pytest.mark.parametrize('name', NAMES)
def test_keypoints_are_near_those_of_the_float_file(networks, name):
    size = networks[name, 'float32'].info.input_size
    inputs = inputs_of_people() if size is None else inputs_of_one_person(size)
    found = keypoint_difference(networks[name, 'float32'], networks[name, 'int8'], inputs)
    assert found.keypoints > 100
    assert found.median < MEDIAN
    assert found.p99 < P99


@pytest.mark.parametrize('name', NAMES)
def test_it_is_another_network_than_the_float_one(networks, name):
    size = networks[name, 'float32'].info.input_size or 256
    picture = astronaut(size, size)[None]
    assert not np.array_equal(networks[name, 'float32'].infer(picture),
                              networks[name, 'int8'].infer(picture))
    assert networks[name, 'int8'].info.precision == 'int8'
    assert networks[name, 'int8'].info.sha256 == load_manifest(MODELS).entry(name).variant(
        'int8').sha256


@pytest.mark.parametrize('name', NAMES)
def test_the_manifest_says_how_it_was_made_and_what_it_loses(name):
    entry = load_manifest(MODELS).entry(name)
    variant = entry.variant('int8')
    assert variant.bytes < 0.65 * entry.bytes
    assert 'blocks 7 to 16' in variant.origin['changes']
    assert variant.origin['converter']['quantizer'].startswith('ai-edge-quantizer 0.10')
    pictures = variant.origin['calibration_pictures']
    assert len({*pictures}) == len(pictures) >= 30
    assert variant.ap_loss is not None


def test_a_network_whose_keypoints_are_shifted_is_not_near(networks):
    """The measure catches a broken file."""
    class Shifted:
        def infer(self, pictures):
            return networks['lightning', 'float32'].infer(pictures) + np.float32(0.01)
    found = keypoint_difference(networks['lightning', 'float32'], Shifted(),
                                inputs_of_one_person(192))
    assert found.median == pytest.approx(0.01 * 192 * 2 ** 0.5, abs=0.01)
    assert found.median > MEDIAN


def test_nobody_seen_is_no_agreement(networks):
    found = keypoint_difference(networks['multipose', 'float32'], networks['multipose', 'int8'],
                                [np.zeros((192, 192, 3), np.uint8)])
    assert (found.keypoints, found.median, found.p99) == (0, np.inf, np.inf)
