"""The colours of people's limbs."""
import numpy as np
import pytest

from movenet_ros.core.refined.limb_colors import LIMBS, UPDATE, limb_colors
from movenet_ros.core.types import Picture

XY = np.column_stack((np.linspace(20, 30, 17), np.linspace(10, 90, 17)))
SEEN = np.full(17, 0.9)


def person(color, score=SEEN):
    """The colours of somebody who is all of one colour."""
    return limb_colors(Picture(np.full((100, 60, 3), color, np.uint8)), XY, score)


def test_each_limb_has_its_own_colour():
    pixels = np.zeros((100, 60, 3), np.uint8)
    pixels[50:] = 200
    found = limb_colors(Picture(pixels), XY, SEEN)
    # Keypoints lie one below the other: the limbs from ankle to knee in the lower half.
    assert found.color[-1].tolist() == [200.0] * 3
    assert found.color[4].tolist() == [0.0] * 3


@pytest.mark.parametrize(('order', 'channels'), [('rgb', 3), ('bgra', 4), ('mono', 1)])
def test_any_order_of_channels_will_do(order, channels):
    picture = Picture(np.full((100, 60, channels), 7, np.uint8), order)
    assert (limb_colors(picture, XY, SEEN).color == 7).all()


def test_keypoints_beyond_the_image_take_the_colour_at_its_edge():
    assert limb_colors(Picture(np.full((100, 60, 3), 9, np.uint8)), XY + 500, SEEN).color.max() == 9


def test_the_likeness_falls_with_the_difference_of_colours():
    red, dark_red, blue = person((200, 0, 0)), person((170, 0, 0)), person((0, 0, 200))
    assert red.likeness(red) == 1.0
    assert red.likeness(dark_red) == 1.0
    assert red.likeness(blue) < 0.05


def test_people_without_limbs_in_common_are_not_compared():
    upper, lower = SEEN.copy(), SEEN.copy()
    upper[11:], lower[:11] = 0.0, 0.0
    assert person(0, upper).likeness(person(255, lower)) == 1.0


def test_colours_follow_slowly_and_limbs_seen_for_the_first_time_at_once():
    upper = SEEN.copy()
    upper[13:] = 0.0
    updated = person(0, upper).updated(person(100))
    assert updated.color[0].tolist() == pytest.approx([100 * UPDATE] * 3)
    assert updated.color[len(LIMBS) - 1].tolist() == [100.0] * 3
    assert updated.weight.tolist() == [0.9] * len(LIMBS)


def test_limbs_that_are_hidden_keep_their_colours():
    upper = SEEN.copy()
    upper[13:] = 0.0
    assert person(50).updated(person(100, upper)).color[-1].tolist() == [50.0] * 3


def test_people_are_compared_across_changes_of_the_encoding():
    red = {'rgb': (200, 30, 10), 'bgr': (10, 30, 200), 'rgba': (200, 30, 10, 255)}
    found = [limb_colors(Picture(np.full((100, 60, len(color)), color, np.uint8), order), XY, SEEN)
             for order, color in red.items()]
    for other in found:
        assert other.color.tolist() == found[0].color.tolist()
        assert found[0].updated(other).likeness(other) == 1.0
