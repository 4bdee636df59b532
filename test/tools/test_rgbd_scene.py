"""The scene and the plans of `movenet demo --three-d`."""
import numpy as np
import pytest

from movenet_ros.tools import rgbd_scene
from movenet_ros.tools.rgbd_scene import CENTRE, FOCAL, WALKERS, WALL, images
from movenet_ros.tools.skeleton_views import Plan, Skeleton, draw_views


@pytest.fixture(scope='module')
def scene():
    return list(images())


def body_pixel(place, metres_above_floor):
    """Row and column of a point of a person."""
    x, z = place
    column = round(CENTRE[0] + FOCAL * x / z)
    return round(CENTRE[1] + FOCAL * (rgbd_scene.CAMERA_HEIGHT - metres_above_floor) / z), column


def test_people_are_where_the_scene_says(scene):
    for image in (scene[0], scene[-1]):
        for place in image.places:
            row, column = body_pixel(place, 1.2)
            window = image.depth[row - 4:row + 5, column - 4:column + 5]
            measured = np.median(window[window > 0]) / 1000
            assert measured == pytest.approx(place[1], abs=rgbd_scene.BULGE / 2 + 0.03)


def test_the_wall_is_behind_them_in_steps(scene):
    depths = np.unique(scene[0].depth[20:60]) / 1000
    wall = depths[depths > WALL - 0.2]
    assert len(wall) == 1 and wall[0] == pytest.approx(WALL, abs=0.04)
    people = np.unique(scene[0].depth[200:220]) / 1000
    steps = np.diff(people[(people > 2.5) & (people < 2.75)])
    assert steps.min() == pytest.approx(rgbd_scene.DEPTH_STEP * 2.6 ** 2, abs=0.004)


def test_there_are_holes_beside_people_and_elsewhere(scene):
    depth = scene[0].depth
    row, _ = body_pixel(scene[0].places[0], 1.2)
    runs = ''.join('0' if value == 0 else '1' for value in depth[row])
    assert max(map(len, runs.split('1'))) >= 5
    assert 0.01 < (depth == 0).mean() < 0.05


def test_the_scene_is_the_same_each_time(scene):
    again = next(iter(images()))
    assert np.array_equal(again.pixels, scene[0].pixels)
    assert np.array_equal(again.depth, scene[0].depth)


def test_the_nearer_of_two_hides_the_other():
    walkers = (WALKERS[0], rgbd_scene.Walker(
        *[getattr(WALKERS[1], name) for name in ('clip', 'box', 'height')], (-0.9, 4.0),
        (-0.9, 4.0)))
    image = next(iter(images(walkers)))
    row, column = body_pixel(image.places[0], 1.2)
    assert image.depth[row, column] in (0, *range(2500, 2700))


def test_a_skeleton_is_drawn_from_above_and_from_the_camera():
    points = np.full((17, 3), np.nan)
    points[5], points[6] = (-0.2, -0.4, 3.0), (0.2, -0.4, 3.0)
    empty = draw_views([], [], 0.6, 480)
    drawn = draw_views([Skeleton(1, points)], [], 0.6, 480)
    changed = (drawn != empty).any(axis=2)
    assert drawn.shape == (480, 960, 3)
    for half in (changed[:, :480], changed[:, 480:]):
        rows, columns = np.nonzero(half)
        assert len(rows) > 100
        # A bar across the middle of each plan, with the id above its end.
        assert columns.min() < 245 < columns.max()


def test_what_is_not_known_is_not_drawn():
    nobody = draw_views([Skeleton(1, np.full((17, 3), np.nan))], [], 0.6, 480)
    assert np.array_equal(nobody, draw_views([], [], 0.6, 480))


def test_a_metre_is_as_long_on_both_axes_of_a_plan():
    plan = Plan((480, 480), (0, 1), ('x', 'y'), (-2.0, 1.6), (2.0, -1.6), 'from the camera')
    blank = plan.image.copy()
    plan.ring(np.zeros(3))
    ring_at_origin = np.argwhere((plan.image != blank).any(2)).mean(0)
    lengths = []
    for axis in (0, 1):
        plan.image[:] = blank
        plan.ring(np.eye(3)[axis])
        ring = np.argwhere((plan.image != blank).any(2)).mean(0)
        lengths.append(np.abs(ring - ring_at_origin).max())
    assert lengths[0] == pytest.approx(lengths[1], abs=1.5) and lengths[0] > 90
