"""Decoding the output of the networks."""
import numpy as np
import pytest

from movenet_ros.config.declarations import Config, TfjsConfig
from movenet_ros.core.decode import decode_multi, decode_single
from movenet_ros.core.types import Crop

ANY = Config(min_confident_keypoints=0)


def single_rows(score=0.9):
    rows = np.zeros((17, 3), np.float32)
    rows[:, 0] = np.linspace(0.1, 0.9, 17)
    rows[:, 1] = 0.5
    rows[:, 2] = score
    return rows


def multi_row(score, x=0.5, y=0.5, box=(0.1, 0.2, 0.3, 0.4)):
    row = np.zeros(56, np.float32)
    row[0:51:3], row[1:51:3], row[2:51:3] = y, x, 0.7
    row[51:55], row[55] = box, score
    return row


def test_single_goes_from_the_crop_to_the_image():
    found = decode_single(single_rows(), Crop(100.0, -50.0, 300.0, 150.0), 400, 200, ANY)
    # y: -50 + 0.1 * 200 = -30 px of 200; x: 100 + 0.5 * 200 = 200 px of 400.
    np.testing.assert_allclose(found.xy[0, 0], (0.5, -0.15))
    np.testing.assert_allclose(found.xy[0, 16], (0.5, 0.65))


def test_single_score_is_the_mean_above_the_threshold():
    rows = single_rows(0.1)
    rows[:2, 2] = (0.9, 0.5)
    found = decode_single(rows, Crop(0.0, 0.0, 100.0, 100.0), 100, 100, ANY)
    assert found.score[0] == pytest.approx(0.7)
    np.testing.assert_allclose(found.box[0], (0.5, 0.1, 0.5, 0.15))


def test_a_keypoint_at_the_threshold_does_not_count_for_the_score():
    rows = single_rows(0.0)
    rows[:2, 2] = (0.5, 0.75)
    found = decode_single(rows, Crop(0.0, 0.0, 100.0, 100.0), 100, 100,
                          ANY.replace({'min_keypoint_score': 0.5}))
    assert found.score[0] == pytest.approx(0.75)


@pytest.mark.parametrize('score', [0.0, 0.2, 0.24])
def test_a_single_person_below_the_threshold_is_dropped(score):
    found = decode_single(single_rows(score), Crop(0.0, 0.0, 1.0, 1.0), 10, 10, ANY)
    assert len(found) == 0


@pytest.mark.parametrize(('confident', 'count'), [(4, 1), (3, 0)])
def test_a_person_with_few_confident_keypoints_is_dropped(confident, count):
    rows = single_rows(0.29)
    rows[:confident, 2] = 0.3
    assert len(decode_single(rows, Crop(0.0, 0.0, 1.0, 1.0), 10, 10, Config())) == count


def test_without_any_keypoint_there_is_no_person_even_without_a_threshold():
    assert len(decode_single(single_rows(0.0), Crop(0.0, 0.0, 1.0, 1.0), 9, 9,
                             ANY.replace({'min_pose_score': 0.0}))) == 0


def test_multipose_people_are_unpadded_sorted_and_filtered():
    rows = np.stack([multi_row(0.3), multi_row(0.8, x=0.25), multi_row(0.2), multi_row(0.25),
                     multi_row(0.0), multi_row(0.0)])
    found = decode_multi(rows, (256, 144), (256, 160), 0.25)
    np.testing.assert_allclose(found.score, (0.8, 0.3, 0.25), rtol=1e-6)
    np.testing.assert_allclose(found.xy[0, 0], (0.25, 0.5 * 160 / 144))
    np.testing.assert_allclose(found.box[0], (0.2, 0.1 * 160 / 144, 0.4, 0.3 * 160 / 144),
                               rtol=1e-6)
    np.testing.assert_allclose(found.keypoint_score, np.full((3, 17), 0.7), rtol=1e-6)


def test_people_of_equal_score_keep_the_networks_order():
    rows = np.stack([multi_row(0.5, x=i / 10) for i in range(6)])
    np.testing.assert_allclose(decode_multi(rows, (64, 64), (64, 64), 0.25).xy[:, 0, 0],
                               np.arange(6) / 10, atol=1e-6)


def test_good_keypoints_with_a_low_person_score_are_dropped():
    assert len(decode_multi(np.stack([multi_row(0.01)] * 6), (64, 64), (64, 64), 0.25)) == 0


def test_the_references_order_and_boxes():
    rows = np.stack([multi_row(0.3), multi_row(0.8)] + [multi_row(0.0)] * 4)
    found = decode_multi(rows, (256, 144), (256, 160), 0.25,
                         TfjsConfig(network_order=True, padded_boxes=True))
    np.testing.assert_allclose(found.score, (0.3, 0.8), rtol=1e-6)
    np.testing.assert_allclose(found.box[0], (0.2, 0.1, 0.4, 0.3), rtol=1e-6)
