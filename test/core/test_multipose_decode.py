"""The decoding of MultiPose against the published graph, and case by case.

data/multipose_heads.npz holds heads and what the published graph makes of them; its entry `note`
says how they were made.
"""


import numpy as np
import pytest
from support.paths import DATA

from movenet_ros.core.multipose_decode import (
    HEADS,
    decode_multipose,
    find_centers,
    find_keypoints,
    place_boxes,
    score_keypoints,
    score_people,
    sigmoid,
)

DATA = DATA / 'multipose_heads.npz'
CHANNELS = (1, 34, 17, 34, 2, 2)
NOTHING = -20.0


@pytest.fixture(scope='module')
def published():
    with np.load(DATA) as data:
        return {name: data[name] for name in data.files}


def picture_heads(published, picture):
    return [published[f'{picture}_{head}'].astype(np.float32) for head in HEADS]


def empty_heads(h=12, w=16):
    heads = [np.zeros((h, w, channels), np.float32) for channels in CHANNELS]
    heads[0][:] = NOTHING
    heads[2][:] = NOTHING
    return heads


def put_person(heads, y, x, strength=4.0, height=6.0, width=4.0):
    """A person in the middle of whose box all 17 keypoints lie."""
    heads[0][y, x] = strength
    heads[2][y, x] = 3.0
    heads[4][y, x] = (height, width)


@pytest.mark.parametrize('picture', [0, 1, 2])
def test_same_as_the_published_graph(published, picture):
    expected = published[f'{picture}_people']
    people = decode_multipose(*picture_heads(published, picture))
    assert (expected[:, 55] > 0.1).sum() >= 2
    np.testing.assert_allclose(people, expected, rtol=0, atol=1e-5)


def test_result_is_fresh_and_heads_are_untouched(published):
    heads = picture_heads(published, 0)
    copies = [head.copy() for head in heads]
    for head in heads:
        head.setflags(write=False)
    first, second = decode_multipose(*heads), decode_multipose(*heads)
    assert first.dtype == np.float32
    assert first.shape == (6, 56)
    assert not np.shares_memory(first, second)
    assert first.tobytes() == second.tobytes()
    for head, copy in zip(heads, copies, strict=True):
        np.testing.assert_array_equal(head, copy)


def test_without_a_person_all_scores_are_low():
    people = decode_multipose(*empty_heads())
    assert np.isfinite(people).all()
    assert (people[:, 55] == 0).all()
    assert (people[:, :51].reshape(6, 17, 3)[..., 2] < 1e-6).all()


def test_one_person_where_it_was_put():
    heads = empty_heads()
    put_person(heads, 5, 7)
    heads[3][5, 7] = 0.25
    person = decode_multipose(*heads)[0]
    keypoints = person[:51].reshape(17, 3)
    np.testing.assert_allclose(keypoints[:, 0], 5.25 / 12, rtol=1e-6)
    np.testing.assert_allclose(keypoints[:, 1], 7.25 / 16, rtol=1e-6)
    np.testing.assert_allclose(keypoints[:, 2], 1 / (1 + np.exp(-3)), rtol=1e-6)
    np.testing.assert_allclose(person[51:55], [2 / 12, 5 / 16, 8 / 12, 9 / 16], rtol=1e-6)
    expected = 1 / (1 + np.exp(-4)) / (1 + np.exp(-3))
    np.testing.assert_allclose(person[55], expected, rtol=1e-6)


def test_rows_are_in_the_order_of_the_centers():
    heads = empty_heads(24, 32)
    for number, strength in enumerate([1.0, 5.0, 3.0]):
        put_person(heads, 8, 4 + 10 * number, strength)
    people = decode_multipose(*heads)
    np.testing.assert_allclose(people[:3, 1] * 32, [14, 24, 4], rtol=1e-6)
    assert (people[3:, 55] < 1e-3).all()


def test_more_people_than_the_published_graph_decodes():
    heads = empty_heads(24, 64)
    for number in range(8):
        put_person(heads, 8, 4 + 8 * number, 3 - number / 4)
    people = decode_multipose(*heads, max_people=12)
    assert people.shape == (12, 56)
    np.testing.assert_allclose(people[:8, 1] * 64, 4 + 8 * np.arange(8), rtol=1e-6)
    assert (people[:8, 55] > 0.1).all()
    assert (people[8:, 55] < 1e-3).all()
    np.testing.assert_array_equal(decode_multipose(*heads), people[:6])


def test_equal_centers_keep_the_reading_order():
    center = np.zeros((12, 16), np.float32)
    center[[9, 2, 2], [3, 12, 3]] = 0.5
    strength, row, column = find_centers(center, 6)
    assert list(zip(row[:3], column[:3], strict=True)) == [(2, 3), (2, 12), (9, 3)]
    np.testing.assert_array_equal(strength, np.float32([0.5, 0.5, 0.5, 0, 0, 0]))


def test_fewer_centers_are_filled_from_the_first_pixels():
    center = np.zeros((12, 16), np.float32)
    center[0, 1] = 0.5
    _, row, column = find_centers(center, 6)
    assert list(zip(row, column, strict=True)) == [(0, 1), (0, 0), (0, 2), (0, 3), (0, 4), (0, 5)]


@pytest.mark.parametrize('count', [1, 6, 12])
def test_more_centers_give_the_strongest(count):
    center = np.zeros((32, 32), np.float32)
    center[2::6, 2::6] = np.linspace(0.1, 0.9, 25, dtype=np.float32).reshape(5, 5)
    strength, row, column = find_centers(center, count)
    np.testing.assert_allclose(strength, np.linspace(0.9, 0.1, 25)[:count], rtol=1e-6)
    assert (row[0], column[0]) == (26, 26)


def test_a_weaker_center_two_pixels_away_is_no_maximum_but_three_away_it_is():
    center = np.zeros((12, 16), np.float32)
    center[5, [3, 5, 8]] = 0.9, 0.8, 0.7
    strength, _, column = find_centers(center, 6)
    assert (strength > 0).sum() == 2
    assert column[:2].tolist() == [3, 8]


def test_a_flat_map_is_all_maxima():
    strength, row, column = find_centers(np.full((4, 4), 0.5, np.float32), 6)
    assert (strength == 0.5).all()
    assert (row * 4 + column).tolist() == [0, 1, 2, 3, 4, 5]


def test_boxes_stay_on_the_map_and_have_no_negative_sides():
    place = np.float32([[5, 5], [0, 0], [11, 15]])
    scale = np.float32([[-3, 4], [100, 100], [2, 2]])
    offset = np.float32([[0.5, 0], [0, 0], [9, 9]])
    boxes = place_boxes(place, scale, offset, 12, 16)
    expected = [[5.5, 3, 5.5, 7], [0, 0, 12, 16], [12, 16, 12, 16]]
    np.testing.assert_array_equal(boxes, np.float32(expected))


def test_only_pixels_in_the_box_count():
    heatmap = np.full((8, 8, 17), NOTHING, np.float32)
    heatmap[3, [1, 2, 5, 6]] = np.float32([[5.0], [1.0], [1.5], [5.0]])
    coarse = np.full((1, 17, 2), 3, np.float32)
    # from 1.5 on is pixel 2, up to 6 is pixel 5
    box = np.float32([[0, 1.5, 8, 6]])
    y, x = find_keypoints(heatmap, box, coarse, np.float32(1e6))
    assert (y == 3).all()
    assert (x == 5).all()


def test_near_pixels_win_over_hot_ones():
    heatmap = np.full((8, 32, 17), NOTHING, np.float32)
    heatmap[4, 4], heatmap[4, 30] = 1.0, 5.0
    coarse = np.full((1, 17, 2), 4, np.float32)
    box = np.float32([[0, 0, 8, 32]])
    y, x = find_keypoints(heatmap, box, coarse, np.float32(2.4))
    assert (y == 4).all()
    assert (x == 4).all()
    score = score_keypoints(heatmap, box, coarse, np.float32(2.4), y, x)
    np.testing.assert_allclose(score, 1 / (1 + np.exp(-1)), rtol=1e-6)


@pytest.mark.parametrize('box', [[3, 3, 3, 6], [3, 3, 6, 3], [8, 8, 8, 8]])
def test_an_empty_box_has_its_keypoints_in_the_corner(box):
    heatmap = np.full((8, 8, 17), 5, np.float32)
    boxes, coarse = np.float32([box]), np.full((1, 17, 2), 3, np.float32)
    y, x = find_keypoints(heatmap, boxes, coarse, np.float32(2.4))
    assert not y.any()
    assert not x.any()
    assert not score_keypoints(heatmap, boxes, coarse, np.float32(2.4), y, x).any()


def test_equally_hot_pixels_give_the_first():
    heatmap = np.zeros((8, 8, 17), np.float32)
    coarse = np.full((1, 17, 2), 3.5, np.float32)
    y, x = find_keypoints(heatmap, np.float32([[0, 0, 8, 8]]), coarse, np.float32(2.4))
    assert (y == 3).all()
    assert (x == 3).all()


def test_only_keypoints_above_the_limit_score():
    score = np.zeros((2, 17), np.float32)
    score[0, :3] = 0.6, 0.4, 0.12
    people = score_people(np.float32([0.5, 0.9]), score)
    np.testing.assert_allclose(people, [0.25, 0], rtol=1e-6)


def test_sigmoid_of_anything():
    values = sigmoid(np.float32([-1000, -88, 0, 88, 1000]))
    np.testing.assert_allclose(values, [0, 6e-39, 0.5, 1, 1], atol=1e-38)
