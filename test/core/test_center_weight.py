"""The weight of the center heatmap: that of the published graphs, and one around a place."""

import hashlib

import numpy as np
import pytest

from movenet_ros.core.center_weight import published_weight, weight_around

PUBLISHED = {
    48: '8e38ac6ace2961016f79ac71254c4986b58ab40194b4b7ca832ec52c61ac5c41',
    64: 'a5a040c0b321a82476d2841e64e49cbb9dd2f160de00c63c657376497317434b',
}
"""SHA-256 of the float16 tables in the published graphs of Lightning and Thunder, by their side."""


@pytest.mark.parametrize('side', PUBLISHED)
def test_the_published_weight_is_that_of_the_published_graphs(side):
    weight = published_weight(side)
    assert (weight.shape, weight.dtype) == ((side, side), np.float32)
    table = weight.astype('<f2')
    np.testing.assert_array_equal(table.astype(np.float32), weight)
    assert hashlib.sha256(table.tobytes()).hexdigest() == PUBLISHED[side]


@pytest.mark.parametrize('side', PUBLISHED)
def test_the_published_weight_falls_with_the_distance_from_the_middle(side):
    weight, middle = published_weight(side), side // 2
    assert np.unravel_index(weight.argmax(), weight.shape) == (middle, middle)
    for distance in (0, 3, middle):
        assert weight[middle, middle - distance] == np.float16(1 / (distance + 1.8))
        assert weight[middle - distance, middle] == np.float16(1 / (distance + 1.8))
    np.testing.assert_array_equal(weight, weight.T)


def test_the_published_weight_is_shared_and_cannot_be_changed():
    assert published_weight(48) is published_weight(48)
    with pytest.raises(ValueError, match='read-only'):
        published_weight(48)[0, 0] = 1


@pytest.mark.parametrize(('x', 'y'), [(0.5, 0.5), (0.25, 0.75), (0, 0.5), (0.125, 0)])
def test_a_weight_around_a_place_is_largest_there(x, y):
    weight = weight_around(x, y, 0.1, 48)
    assert (weight.shape, weight.dtype) == ((48, 48), np.float32)
    assert np.unravel_index(weight.argmax(), weight.shape) == (48 * y, 48 * x)
    assert weight.max() == 1


def test_a_weight_around_a_place_falls_alike_on_all_sides():
    weight = weight_around(0.5, 0.25, 0.125, 64)
    at_spread = [weight[16, 32 - 8], weight[16, 32 + 8], weight[16 - 8, 32], weight[16 + 8, 32]]
    np.testing.assert_allclose(at_spread, np.exp(-0.5), rtol=1e-6)
    assert weight[16, 40] > weight[16, 48] > weight[16, 56]


@pytest.mark.parametrize('spread', [0.001, 0.05, 1])
def test_a_weight_around_a_place_is_nowhere_zero(spread):
    assert (weight_around(0.1, 0.9, spread, 64) > 0).all()


def test_a_place_outside_the_picture_counts_most_at_the_edge():
    weight = weight_around(1.25, 0.5, 0.25, 48)
    assert np.unravel_index(weight.argmax(), weight.shape) == (24, 47)
