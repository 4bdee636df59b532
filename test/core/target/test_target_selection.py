"""Who is chosen."""
import numpy as np
import pytest
from support.dressed import SIZE, standing

from movenet_ros.core.target.selection import Criterion, Selection, chosen_row
from movenet_ros.core.types import Poses

SMALL, LARGE, MIDDLE = (100, 100), (500, 100), (330, 150)


@pytest.fixture
def three():
    """A small person at the left, a large one at the right, a medium one in the middle."""
    sizes = [standing(place, scale=scale)
             for place, scale in ((SMALL, 0.5), (LARGE, 1.5), (MIDDLE, 1.0))]
    return Poses(*(np.concatenate([getattr(each, name) for each in sizes])
                   for name in Poses.__dataclass_fields__))


@pytest.mark.parametrize(('criterion', 'row'), [
    (Criterion.LARGEST, 1), (Criterion.CENTRAL, 2), (Criterion.NEAREST, 1), (Criterion.NONE, None)])
def test_who_is_chosen(three, criterion, row):
    assert chosen_row(Selection(criterion), three, SIZE) == row


def test_nearest_goes_by_metres_where_there_are_some(three):
    selection = Selection(Criterion.NEAREST)
    known = np.array([1.5, 4.0, 2.0], np.float32)
    assert chosen_row(selection, three, SIZE, known) == 0
    partly = np.array([np.nan, 4.0, 2.0], np.float32)
    assert chosen_row(selection, three, SIZE, partly) == 2
    assert chosen_row(selection, three, SIZE, np.full(3, np.nan, np.float32)) == 1


def test_an_id_is_found_wherever_it_is(three):
    poses = three.take([2, 0])
    poses.id[:] = (7, 4)
    assert chosen_row(Selection(Criterion.ID, id=4), poses, SIZE) == 1
    assert chosen_row(Selection(Criterion.ID, id=5), poses, SIZE) is None


def test_of_several_people_at_a_point_the_smallest_is_meant():
    poses = Poses(*(np.concatenate([getattr(each, name) for each in (
        standing((300, 100), scale=2.0), standing((300, 150)))])
        for name in Poses.__dataclass_fields__))
    assert chosen_row(Selection(Criterion.POINT, x=300, y=200), poses, SIZE) == 1
    assert chosen_row(Selection(Criterion.POINT, x=300, y=420), poses, SIZE) == 0
    assert chosen_row(Selection(Criterion.POINT, x=30, y=200), poses, SIZE) is None


def test_a_point_on_the_hair_is_on_the_person():
    poses = standing((300, 100))
    assert chosen_row(Selection(Criterion.POINT, x=300, y=float(poses.box[0, 1]) - 15), poses,
                      SIZE) == 0


def test_nobody_is_chosen_where_nobody_is():
    for criterion in Criterion:
        assert chosen_row(Selection(criterion, id=1), Poses.empty(), SIZE) is None
