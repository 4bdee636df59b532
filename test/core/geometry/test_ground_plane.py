"""Places on the floor, from known points of it."""
import numpy as np
import pytest

from movenet_ros.core.geometry.ground_plane import on_ground

HEIGHT = 1.2


@pytest.mark.parametrize('pitch', [0.0, 0.2, 0.6])
def test_points_of_the_floor_are_found(pitch):
    forward, left = np.array([1.0, 2.0, 5.0, 9.0]), np.array([0.3, -1.0, 0.0, 2.0])
    # level: x right, y down, z forward; then turned down by the pitch
    level = np.stack((-left, np.full(4, HEIGHT), forward), axis=1)
    cos, sin = np.cos(pitch), np.sin(pitch)
    turned = level @ np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])
    rays = turned / np.linalg.norm(turned, axis=1, keepdims=True)
    np.testing.assert_allclose(on_ground(rays, HEIGHT, pitch), turned, atol=1e-9)


def test_the_horizon_and_the_sky_have_no_place():
    rays = np.array([[0.0, 0.0, 1.0], [0.0, -0.3, 1.0], [0.0, 0.005, 1.0]])
    assert np.isnan(on_ground(rays, HEIGHT, 0.0)).all()
