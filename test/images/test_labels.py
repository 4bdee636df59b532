"""Labels can be read in pictures of any size, and hide nothing that they need not."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from movenet_ros.images.labels import (
    MIN_DIGIT_HEIGHT,
    digit_height,
    draw_label,
    luminance,
    place_labels,
    text_colour,
)
from movenet_ros.images.overlay import PALETTE

SIZES = [(160, 120), (320, 240), (640, 480), (1280, 720), (1920, 1080), (3840, 2160), (240, 640),
         (1920, 400), (3840, 600)]
GREY = 127
NO_FACES = np.empty((0, 4))


def placed(boxes, size, faces=NO_FACES, texts=None):
    boxes = np.array(boxes, float).reshape(-1, 4)
    texts = texts or [f'{row + 1}  0.57' for row in range(len(boxes))]
    colours = [PALETTE[row % len(PALETTE)] for row in range(len(boxes))]
    return place_labels(texts, colours, boxes, np.array(faces, float).reshape(-1, 4), size)


def edges(label):
    return label.left, label.top, label.right, label.bottom


def common(one, other):
    """The area that two boxes have in common [px^2]."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0, wide) * max(0, high)


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('share', [0.03, 0.2, 0.9])
def test_digits_are_high_enough_and_inside_of_their_ground(size, share):
    width, height = size
    tall = share * height
    label, = placed([(width * .3, height * .5, width * .3 + tall, height * .5 + tall)], size,
                    texts=['8  0.88'])
    image = np.full((height, width, 3), GREY, np.uint8)
    draw_label(image, label)
    drawn = (image != GREY).any(axis=2)
    assert drawn[label.top:label.bottom, label.left:label.right].all()
    assert drawn.sum() == (label.bottom - label.top) * (label.right - label.left)
    # black text on orange
    ink = np.flatnonzero((image[drawn.any(axis=1)].max(axis=2) < 115).any(axis=1))
    assert len(ink) >= max(9, 0.009 * np.sqrt(width * height))
    # and as much ground above as below, to within two pixels
    assert abs(ink[0] - (label.bottom - label.top - 1 - ink[-1])) <= 2


@pytest.mark.parametrize('size', SIZES)
def test_labels_of_small_people_are_smaller_but_not_too_small(size):
    heights = [digit_height(size, person) for person in (1, 20, 100, 400, 2000)]
    assert heights == sorted(heights)
    assert heights[0] >= MIN_DIGIT_HEIGHT
    assert heights[-1] <= max(MIN_DIGIT_HEIGHT, 0.05 * min(size))


def test_a_small_person_has_only_the_id():
    small, large = placed([(100, 100, 116, 140), (300, 100, 400, 350)], (640, 480))
    assert (small.text, large.text) == ('1', '2  0.57')


def test_a_label_stands_above_the_box():
    label, = placed([(100, 100, 200, 400)], (640, 480))
    assert (label.left, label.bottom) == (100, 100)


@pytest.mark.parametrize('size', [(width, height) for width, height in SIZES
                                  if width > height > 200])
def test_labels_do_not_cover_one_another_or_faces_where_there_is_room(size):
    width, height = size
    tall = height / 2
    # five people side by side, who overlap, and touch the upper edge
    boxes = [(width * share, 0, width * share + tall * .4, tall)
             for share in (.05, .25, .3, .55, .8)]
    faces = [(box[0] + tall * .1, tall * .03, box[0] + tall * .25, tall * .15) for box in boxes]
    rectangles = [edges(label) for label in placed(boxes, size, faces)]
    assert sum(common(one, face) for one in rectangles for face in faces) == 0
    assert sum(common(one, other) for row, one in enumerate(rectangles)
               for other in rectangles[:row]) == 0


def test_where_there_is_no_room_labels_are_drawn_all_the_same():
    labels = placed([(0, 0, 20, 20)] * 30, (24, 24))
    assert len(labels) == 30
    assert all(edges(label) == edges(labels[0]) or label.left >= 0 for label in labels)


boxes = st.lists(st.tuples(st.floats(0, 640), st.floats(0, 480), st.floats(0, 640),
                           st.floats(0, 480)), max_size=12)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(boxes=boxes, faces=boxes)
def test_every_label_is_in_the_picture(boxes, faces):
    ordered = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in boxes]
    labels = placed(ordered, (640, 480), faces)
    assert len(labels) == len(boxes)
    for label in labels:
        assert 0 <= label.left < label.right <= 640
        assert 0 <= label.top < label.bottom <= 480
    assert labels == placed(ordered, (640, 480), faces)


@pytest.mark.parametrize('colour', PALETTE)
def test_the_text_has_the_contrast_that_wcag_asks_for(colour):
    light, dark = sorted((luminance(colour), luminance(text_colour(colour))), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_luminance_is_that_of_wcag():
    assert luminance((0, 0, 0)) == 0
    assert luminance((255, 255, 255)) == pytest.approx(1)
    # the grey with the least contrast on white that AA allows
    assert 1.05 / (luminance((0x76, 0x76, 0x76)) + 0.05) == pytest.approx(4.54, abs=0.01)
