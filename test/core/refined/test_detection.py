"""Detecting people in images that are much wider than high, or the other way round."""
import numpy as np
import pytest

from movenet_ros.config import Config
from movenet_ros.core.inference import run_inference
from movenet_ros.core.network import NetworkInfo
from movenet_ros.core.refined.detection import detect_people
from movenet_ros.core.types import Picture

CONFIG = Config().replace({'model': 'multipose', 'refine': 'lightning',
                           'people.second_long_side': 0})


class SpotDetector:
    """In place of MultiPose: detects one person at a bright spot, if all of it is in the input."""

    info = NetworkInfo('multipose', 'test', 'cpu', 1, 'a', None)

    def __init__(self):
        self.sizes = []

    def infer(self, pictures, _=None, max_people=6):
        height, width = pictures.shape[1:3]
        self.sizes.append((width, height))
        rows = np.zeros((1, max_people, 56), np.float32)
        y, x = np.nonzero(pictures[0, :, :, 0] > 100)
        if len(x):
            place = (y + 0.5).mean() / height, (x + 0.5).mean() / width
            keypoints = np.full((17, 3), 0.9)
            keypoints[:, :2] = place + np.linspace(-0.05, 0.05, 17)[:, None]
            rows[0, 0, :51] = keypoints.ravel()
            rows[0, 0, 51:] = *keypoints[0, :2], *keypoints[-1, :2], 0.8
        return rows


def picture(width, height, x, y):
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[y - 20:y + 20, x - 20:x + 20] = 255
    return Picture(pixels)


@pytest.mark.parametrize(('width', 'height', 'tiles'), [
    (640, 480, 1), (1920, 1080, 1), (1200, 480, 1), (1201, 480, 2), (1920, 480, 2),
    (2400, 480, 3), (3600, 480, 4), (3840, 480, 4), (480, 3840, 4)])
def test_long_images_are_divided_along_their_long_side(width, height, tiles):
    network = SpotDetector()
    run_inference(detect_people(picture(width, height, 100, 100), network, CONFIG))
    assert len(network.sizes) == tiles
    assert all(max(size) == 256 and min(size) >= 96 for size in network.sizes)


def test_the_thinnest_image_takes_four_runs():
    network = SpotDetector()
    thin = Picture(np.zeros((1, 16384, 3), np.uint8))
    assert len(run_inference(detect_people(thin, network, CONFIG))) == 0
    assert len(network.sizes) == 4


@pytest.mark.parametrize('x', [100, 900, 1900, 2750, 3700])
def test_people_in_a_panorama_are_found_at_their_place_once(x):
    image = picture(3840, 480, x, 200)
    found = run_inference(detect_people(image, SpotDetector(), CONFIG))
    assert len(found) == 1
    np.testing.assert_allclose(found.xy[0, 8] * (3840, 480), (x, 200), atol=12)


def test_each_part_is_seen_at_both_scales():
    network = SpotDetector()
    config = CONFIG.replace({'people.second_long_side': 512})
    run_inference(detect_people(picture(1920, 480, 100, 100), network, config))
    assert [max(size) for size in network.sizes] == [256, 512, 256, 512]
