"""Which keypoints count as seen, and who is cut off by the image's edge."""
import numpy as np
import pytest

from movenet_ros.core.visibility import EDGE, VISIBLE_SCORE, truncated, visible


@pytest.mark.parametrize('network', ['lightning', 'thunder', 'multipose'])
def test_a_keypoint_is_seen_from_the_score_of_its_network(network):
    xy, score = np.full((1, 17, 2), 0.5), np.zeros((1, 17))
    score[0, 3], score[0, 4] = VISIBLE_SCORE[network], VISIBLE_SCORE[network] - 1e-9
    assert visible(xy, score, network)[0].nonzero()[0].tolist() == [3]


def test_a_keypoint_outside_of_the_image_is_not_seen():
    xy = np.full((1, 17, 2), 0.5)
    xy[0, :5] = [(-0.001, 0.5), (1.001, 0.5), (0.5, -0.001), (0.5, 1.001), (0.0, 1.0)]
    assert visible(xy, np.ones((1, 17)), 'lightning')[0].tolist() == [False] * 4 + [True] * 13


def test_a_box_at_an_edge_is_truncated():
    inner = np.tile([EDGE, EDGE, 1 - EDGE, 1 - EDGE], (5, 1))
    at_edges = inner.copy()
    for edge in range(4):
        at_edges[edge, edge] = 0.0 if edge < 2 else 1.0
    assert not truncated(inner).any()
    assert truncated(at_edges).tolist() == [True] * 4 + [False]


def test_nobody():
    assert visible(np.empty((0, 17, 2)), np.empty((0, 17)), 'thunder').shape == (0, 17)
    assert truncated(np.empty((0, 4))).shape == (0,)
