"""Contact sheets can be read, whatever the size of the pictures."""
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.sinks import random_poses, results

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.observation import Observation
from movenet_ros.core.target.target import Status, Target
from movenet_ros.core.types import Picture
from movenet_ros.files.contact_sheet import TILE, shrunk
from movenet_ros.files.sinks import Result, open_sink
from movenet_ros.images.overlay import draw

GREY = 128


def person(width, height):
    """A person in the middle of the picture, half as high as it is."""
    one = random_poses(1)
    rng = np.random.default_rng(4)
    spread = rng.uniform(-0.25, 0.25, (1, 17, 2)) * [width, height] + [width / 2, height / 2]
    box = np.array([[width / 4, height / 4, width * 3 / 4, height * 3 / 4]])
    return replace(one, xy=spread.astype(np.float32), box=box.astype(np.float32),
                   keypoint_score=np.ones((1, 17), np.float32), score=np.array([.5], np.float32))


def drawn(width, height, **options):
    picture = Picture(np.full((height, width, 3), GREY, np.uint8), 'bgr')
    tile = shrunk(picture, person(width, height), OverlayConfig(**options), TILE)
    return (tile != GREY).any(axis=2)


@pytest.mark.parametrize(('width', 'height'), [
    (1080, 1920), (1920, 1080), (4000, 3000), (640, 480)])
def test_labels_and_lines_have_the_size_of_a_tile(width, height):
    tile = drawn(width, height)
    assert max(tile.shape) == TILE
    label = tile & ~drawn(width, height, labels=False)
    rows, columns = np.flatnonzero(label.any(axis=1)), np.flatnonzero(label.any(axis=0))
    assert np.ptp(rows) >= 10 and np.ptp(columns) >= 30
    only_lines = drawn(width, height, labels=False, boxes=False)
    assert only_lines.mean() > 0.01


def test_people_are_where_they_are_in_the_picture():
    tile = drawn(1080, 1920, labels=False)
    height, width = tile.shape
    rows, columns = np.flatnonzero(tile.any(axis=1)), np.flatnonzero(tile.any(axis=0))
    assert (rows[0] / height, rows[-1] / height) == pytest.approx((.25, .75), abs=.02)
    assert (columns[0] / width, columns[-1] / width) == pytest.approx((.25, .75), abs=.02)


def test_a_small_picture_is_drawn_on_as_it_is():
    picture = Picture(np.full((48, 64, 3), GREY, np.uint8), 'rgb')
    poses = person(64, 48)
    np.testing.assert_array_equal(shrunk(picture, poses, OverlayConfig(), TILE),
                                  draw(picture, poses, OverlayConfig()))


def test_a_line_width_is_that_of_the_picture():
    thin, wide = (drawn(1080, 1920, line_width=width, labels=False) for width in (1, 32))
    assert wide.sum() > 2 * thin.sum()


@pytest.mark.parametrize('name', ['sheet.png', 'overlay.mp4'])
def test_the_target_is_marked(tmp_path, name):
    def first_image(status):
        poses = person(640, 480)
        with open_sink(tmp_path / name) as sink:
            for result in results(1, height=480, width=640):
                target = Target(status, id=int(poses.id[0])) if status else Target()
                sink.write(replace(result, poses=poses, observation=Observation(target=target)))
        return cv2.VideoCapture(str(tmp_path / name)).read()[1].astype(int)

    assert np.abs(first_image(Status.TRACKED) - first_image(Status.NONE)).max() > 60


def test_stills_are_numbered_and_others_have_their_time(tmp_path):
    sheets = []
    for name, stills in (('a.png', True), ('b.png', False)):
        with open_sink(tmp_path / name, stills=stills) as sink:
            for result in results(3, height=240, width=320):
                sink.write(Result(result.stamp_ns, '', result.sequence, 'thunder', result.picture,
                                  random_poses(0)))
        sheets.append(cv2.imread(str(tmp_path / name)))
    widths = [np.ptp(np.flatnonzero((sheet[220:244, 4:324] > 200).all(axis=2).any(axis=0)))
              for sheet in sheets]
    assert widths[0] < 12 < 30 < widths[1]
