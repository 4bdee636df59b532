"""What is drawn, and where."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.paths import DATA

from movenet_ros.config.declarations import OverlayConfig
from movenet_ros.core.skeleton import LEFT_ELBOW, LEFT_SHOULDER, RIGHT_ELBOW, RIGHT_SHOULDER
from movenet_ros.core.types import Picture, Poses
from movenet_ros.images.overlay import PALETTE, draw, line_widths

HEIGHT, WIDTH = 240, 320
GREY = 127
BODY_ONLY = OverlayConfig(boxes=False, labels=False, line_width=3)


def ground(order='bgr', channels=3):
    return Picture(np.full((HEIGHT, WIDTH, channels), GREY, np.uint8), order)


def person(places, *, number=1, box=(40, 60, 200, 220), score=0.5):
    """One person with the keypoints of `places` and no others."""
    xy, scores = np.zeros((1, 17, 2), np.float32), np.zeros((1, 17), np.float32)
    for index, place in places.items():
        xy[0, index], scores[0, index] = place, 0.9
    return Poses(xy=xy, keypoint_score=scores, box=np.array([box], np.float32),
                 score=np.array([score], np.float32), id=np.array([number], np.int32),
                 age=np.zeros(1, np.float32), visible=scores > 0,
                 velocity=np.zeros((1, 2), np.float32), truncated=np.zeros(1, np.bool_),
                 time_unseen=np.zeros(1, np.float32))


ARMS = {LEFT_SHOULDER: (180, 80), LEFT_ELBOW: (180, 160), RIGHT_SHOULDER: (100, 80),
        RIGHT_ELBOW: (100, 160)}


def changed(image):
    return (image != GREY).any(axis=2)


@pytest.mark.parametrize(('order', 'pixel'), [
    ('bgr', (1, 2, 3)), ('rgb', (3, 2, 1)), ('bgra', (1, 2, 3, 9)), ('rgba', (3, 2, 1, 9))])
def test_the_picture_shows_through_in_its_colours(order, pixel):
    pixels = np.tile(np.array(pixel, np.uint8), (5, 7, 1))
    before = pixels.copy()
    image = draw(Picture(pixels, order), Poses.empty(), OverlayConfig())
    assert (image == (1, 2, 3)).all()
    assert image.shape == (5, 7, 3)
    image[:] = 0
    np.testing.assert_array_equal(pixels, before)


def test_grey_and_padded_pictures():
    rows = np.random.default_rng(0).integers(0, 255, (6, 20), np.uint8)
    image = draw(Picture(rows[:, :15].reshape(6, 15, 1), 'mono'), Poses.empty(), OverlayConfig())
    np.testing.assert_array_equal(image[:, :, 1], rows[:, :15])
    image = draw(Picture(rows[:, :15].reshape(6, 5, 3), 'bgr'), Poses.empty(), OverlayConfig())
    np.testing.assert_array_equal(image, rows[:, :15].reshape(6, 5, 3))


def test_limbs_lie_where_the_keypoints_are():
    image = draw(ground(), person(ARMS), BODY_ONLY)
    drawn = changed(image)
    assert drawn[80:160, 178:182].all()
    assert drawn[80:160, 98:102].all()
    assert not drawn[100:150, 110:170].any()
    assert not drawn[200:].any()


def test_left_is_lighter_than_right_whatever_the_person():
    for number in range(1, 9):
        image = draw(ground(), person(ARMS, number=number), BODY_ONLY).astype(int)
        assert image[120, 180].sum() > image[120, 100].sum() + 60


def test_the_line_is_centred_on_the_coordinates():
    # pixel 100 covers 100 to 101
    image = draw(ground(), person({LEFT_SHOULDER: (100.5, 60.5), LEFT_ELBOW: (100.5, 180.5)}),
                 BODY_ONLY).astype(int)
    row = image[120, :, 0]
    # OpenCV rounds fractions to 1/256
    np.testing.assert_allclose(row[90:111], row[110:89:-1], atol=3)


def test_weak_keypoints_are_not_drawn():
    poses = person(ARMS)
    poses.keypoint_score[0, LEFT_ELBOW] = 0.29
    drawn = changed(draw(ground(), poses, BODY_ONLY))
    assert not drawn[110:200, 170:190].any()
    assert drawn[80, 180]
    drawn = changed(draw(ground(), poses, OverlayConfig(
        boxes=False, labels=False, min_keypoint_score=0.2)))
    assert drawn[120, 180]


def test_a_persons_colour_follows_the_id():
    boxes = OverlayConfig(labels=False, line_width=4)
    colours = [tuple(draw(ground(), person({}, number=n), boxes)[140, 40].tolist())
               for n in (1, 2, 1, 8)]
    assert colours[0] == colours[2] == colours[3] == PALETTE[0]
    assert colours[1] == PALETTE[1]


def test_boxes_and_labels_can_be_left_out():
    off = OverlayConfig(boxes=False, labels=False)
    assert not changed(draw(ground(), person({}), off)).any()
    assert changed(draw(ground(), person({}), OverlayConfig(boxes=False)))[40:60, 40:80].any()
    assert changed(draw(ground(), person({}), OverlayConfig(labels=False)))[140, 40]


@pytest.mark.parametrize(('size', 'width'), [
    ((160, 120), 2), ((360, 480), 2), ((640, 480), 2), ((1280, 720), 3), ((1920, 1080), 4),
    ((3840, 2160), 9), ((3840, 600), 5)])
def test_the_lines_of_large_people(size, width):
    assert line_widths(size, max(size)).line == width


def test_the_line_width_follows_the_size():
    def width(height, width):
        picture = Picture(np.full((height, width, 3), GREY, np.uint8), 'bgr')
        poses = person({LEFT_SHOULDER: (10.5, 50.5), LEFT_ELBOW: (90.5, 50.5)})
        image = draw(picture, poses, OverlayConfig(boxes=False, labels=False))
        # the light middle of the line, between its dark rims
        return (image[:, 50].max(axis=1) > GREY).sum()

    assert width(1080, 1920) > width(480, 640) > width(100, 100) > 0


def test_poses_outside_the_image_are_accepted():
    outside = person({LEFT_SHOULDER: (-500, 120.5), LEFT_ELBOW: (160, 120.5),
                      RIGHT_SHOULDER: (1e9, -1e9), RIGHT_ELBOW: (np.nan, np.inf)})
    drawn = changed(draw(ground(), outside, BODY_ONLY))
    assert drawn[120, :160].all()


def figure(left, top, height, *, number=1):
    """A standing person, as wide as two fifths of the height; all keypoints are seen."""
    poses = person({}, number=number, box=(left, top, left + 0.4 * height, top + height))
    poses.xy[0] = np.float32(STANDING) * height + np.float32([left, top])
    poses.keypoint_score[0] = 1
    return poses


STANDING = [
    (.2, .08), (.22, .06), (.18, .06), (.24, .07), (.16, .07), (.3, .2), (.1, .2), (.36, .35),
    (.04, .35), (.38, .5), (.02, .5), (.26, .52), (.14, .52), (.27, .75), (.13, .75), (.28, .97),
    (.12, .97)]
"""Keypoints of a person of height 1."""

SIZES = [(160, 120), (320, 240), (640, 480), (1280, 720), (1920, 1080), (3840, 2160), (240, 640),
         (1920, 400), (3840, 600)]


def blank(size):
    return Picture(np.full((size[1], size[0], 3), GREY, np.uint8), 'bgr')


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('height', [20, 40, 100, 400, 2000])
def test_lines_are_seen_and_people_are_not_hidden_by_them(size, height):
    widths = line_widths(size, height)
    assert min(2, height / 50) - 0.5 <= widths.line <= max(1, height / 50 + 0.5)
    assert 1 <= widths.line <= max(2, np.sqrt(size[0] * size[1]) / 320 + 0.5)
    assert widths.line / 2 <= widths.joint <= widths.line + 1
    assert widths.line + widths.rim <= max(2, height / 20)
    assert line_widths(size, height, line_width=7).line == 7


@pytest.mark.parametrize('size', SIZES)
def test_a_far_person_is_no_blob(size):
    poses = figure(size[0] // 2, size[1] // 2, 40)
    x, y = poses.box[0, :2].astype(int)
    image = draw(blank(size), poses, OverlayConfig(boxes=False, labels=False)).astype(int)
    difference = np.abs(image - GREY).max(axis=2)[y:y + 40, x:x + 16]
    assert 0.2 < (difference > 60).mean() < 0.55
    # the picture is seen within the torso and between the legs
    assert (difference[[15, 32], 8] < 20).all()


@pytest.mark.parametrize('size', SIZES)
def test_what_is_drawn_is_the_same_every_time(size):
    poses = figure(size[0] * 0.4, size[1] * 0.2, size[1] * 0.7)
    np.testing.assert_array_equal(draw(blank(size), poses, OverlayConfig()),
                                  draw(blank(size), poses, OverlayConfig()))


@pytest.mark.parametrize('box', [(0, 0, 50, 50), (300, 230, 320, 240), (-90, -90, 400, 400),
                                 (310, 0, 320, 240), (0, 239, 5, 240), (np.nan, -np.inf, 9, 1e30)])
def test_a_label_is_whole_wherever_the_box_is(box):
    drawn = changed(draw(ground(), person({}, box=box), OverlayConfig(boxes=False)))
    rows, columns = (np.flatnonzero(drawn.any(axis=axis)) for axis in (1, 0))
    assert drawn[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1].all()
    assert len(rows) >= 13 and len(columns) >= 10


def test_the_target_is_marked_by_its_box_and_its_label():
    poses = figure(100, 40, 190, number=3)

    def changed_by(**options):
        images = [draw(ground(), poses, OverlayConfig(**options), target) for target in (0, 3)]
        return (images[0] != images[1]).any(axis=2)

    assert changed_by(labels=False)[40:230, 98:102].any(axis=1).all()
    label = changed_by(boxes=False)
    assert label[:40].any() and not label[40:].any()
    np.testing.assert_array_equal(draw(ground(), poses, OverlayConfig(), 4),
                                  draw(ground(), poses, OverlayConfig()))


def test_no_body_hides_a_label():
    first, second = figure(100, 80, 120), figure(100, 45, 150, number=2)
    poses = Poses(**{name: np.concatenate([getattr(each, name) for each in (first, second)])
                     for name in first.__dataclass_fields__})
    alone = changed(draw(ground(), first, OverlayConfig(boxes=False)))
    together = draw(ground(), poses, OverlayConfig(boxes=False))
    label = alone & ~changed(draw(ground(), first, OverlayConfig(boxes=False, labels=False)))
    np.testing.assert_array_equal(
        together[label], draw(ground(), first, OverlayConfig(boxes=False))[label])


everything = st.floats(width=32)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(values=st.lists(everything, min_size=6, max_size=40), number=st.integers(1, 2**31 - 1),
       size=st.tuples(st.integers(1, 60), st.integers(1, 60)), width=st.integers(0, 32))
def test_any_poses_can_be_drawn(values, number, size, width):
    poses = person({}, number=number, box=values[:4], score=values[4])
    poses.xy[0] = np.resize(np.float32(values), (17, 2))
    poses.keypoint_score[0] = 1
    image = draw(Picture(np.zeros((*size, 3), np.uint8), 'rgb'), poses,
                 OverlayConfig(line_width=width))
    assert image.shape == (*size, 3)


def test_a_real_picture():
    image = cv2.imread(str(DATA / 'astronaut.jpg'))
    drawn = draw(Picture(image, 'bgr'), person(ARMS), OverlayConfig())
    assert 500 < (drawn != image).any(axis=2).sum() < 20000
