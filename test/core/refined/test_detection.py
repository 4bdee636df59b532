"""Detecting people in images that are much wider than high, or the other way round."""
import numpy as np
import pytest
from support.panoramas import SpotDetector, spot_picture

from movenet_ros.config import Config
from movenet_ros.core.inference import run_inference
from movenet_ros.core.refined.detection import detect_people
from movenet_ros.core.types import Picture

CONFIG = Config().replace({'model': 'multipose', 'refine': 'lightning',
                           'people.second_long_side': 0})


@pytest.mark.parametrize(('width', 'height', 'tiles'), [
    (640, 480, 1), (1920, 1080, 1), (1200, 480, 1), (1201, 480, 2), (1920, 480, 2),
    (2400, 480, 3), (3600, 480, 4), (3840, 480, 4), (480, 3840, 4)])
def test_long_images_are_divided_along_their_long_side(width, height, tiles):
    network = SpotDetector()
    run_inference(detect_people(spot_picture(width, height, 100, 100), network, CONFIG))
    assert len(network.sizes) == tiles
    assert all(max(size) == 256 and min(size) >= 96 for size in network.sizes)


def test_the_thinnest_image_takes_four_runs():
    network = SpotDetector()
    thin = Picture(np.zeros((1, 16384, 3), np.uint8))
    assert len(run_inference(detect_people(thin, network, CONFIG))) == 0
    assert len(network.sizes) == 4


@pytest.mark.parametrize('x', [100, 900, 1900, 2750, 3700])
def test_people_in_a_panorama_are_found_at_their_place_once(x):
    image = spot_picture(3840, 480, x, 200)
    found = run_inference(detect_people(image, SpotDetector(), CONFIG))
    assert len(found) == 1
    np.testing.assert_allclose(found.xy[0, 8] * (3840, 480), (x, 200), atol=12)


def test_each_part_is_seen_at_both_scales():
    network = SpotDetector()
    config = CONFIG.replace({'people.second_long_side': 512})
    run_inference(detect_people(spot_picture(1920, 480, 100, 100), network, config))
    assert [max(size) for size in network.sizes] == [256, 512, 256, 512]
