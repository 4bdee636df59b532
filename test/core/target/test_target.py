"""The target from image to image: who it is, and whether it is found again."""
import numpy as np
import pytest
from support.dressed import BLUE, GREEN, RED, YELLOW, picture, standing

from movenet_ros.config import Config
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.target.target import (
    Origin,
    Status,
    TargetState,
    initial_state,
    select,
    update,
)
from movenet_ros.core.types import NANOSECONDS

STEP = NANOSECONDS // 10
LEFT, RIGHT, FAR_RIGHT = (120, 100), (330, 100), (540, 100)
NONE, TRACKED, HELD, SEARCHING, LOST = Status


class Scene:
    """Shows people to a target; each is an id, a place and the colour of the shirt."""

    def __init__(self, selection=None, **parameters):
        self.config = Config().replace(
            {f'target.{name}': value for name, value in parameters.items()})
        self.state = initial_state(self.config)
        if selection is not None:
            self.state = select(TargetState(), selection)
        self.stamp, self.images = 1000 * NANOSECONDS, 0

    def show(self, *people, images=1, distances=None, step=STEP, **options):
        """The target in the last of some images of these people."""
        for _ in range(images):
            poses = standing(*(place for _, place, _ in people), ids=[i for i, _, _ in people])
            shown = picture(poses, [color for _, _, color in people], seed=self.images, **options)
            self.stamp += step
            self.images += 1
            self.state, target = update(
                self.state, shown, poses, self.stamp, distances, self.config)
        return target


def by_id(number, **parameters):
    return Scene(Selection(Criterion.ID, id=number), **parameters)


A, B = (1, LEFT, RED), (2, RIGHT, BLUE)


def test_without_a_selection_nobody_is_the_target():
    target = Scene().show(A, B, images=5)
    assert (target.status, target.id, target.row) == (NONE, 0, None)


def test_a_selected_id_is_tracked():
    target = by_id(2).show(A, B)
    assert (target.status, target.id, target.row, target.origin) == (
        TRACKED, 2, 1, Origin.SELECTED)
    assert target.confidence == 1.0 and target.pose.id.tolist() == [2]


def test_the_target_does_not_change_when_somebody_else_comes_nearer():
    scene = Scene(select='nearest')
    assert scene.show(A, B, distances=np.float32([2.0, 3.0])).id == 1
    target = scene.show(A, B, images=5, distances=np.float32([2.0, 0.5]))
    assert (target.id, target.status) == (1, TRACKED)


def test_a_criterion_waits_for_the_first_person():
    scene = Scene(select='largest')
    assert scene.show(images=50).status is NONE
    assert scene.show(A).status is TRACKED


def test_an_id_that_is_not_there_is_lost_and_stays_so():
    scene = by_id(7)
    assert scene.show(A, images=10).status is NONE
    assert scene.show(A, images=5).status is LOST
    assert scene.show((7, LEFT, RED)).status is LOST


def test_held_then_searching_then_lost():
    scene = by_id(1, search_time=3.0)
    scene.show(A, images=5)
    states = [scene.show() for _ in range(40)]
    assert [t.status for t in states[:10]] == [HELD] * 10
    assert [t.status for t in states[10:30]] == [SEARCHING] * 20
    assert [t.status for t in states[30:]] == [LOST] * 10
    assert states[9].time_unseen == pytest.approx(1.0)
    assert states[-1].time_unseen == pytest.approx(4.0)
    assert states[9].confidence == 1.0 and states[-1].confidence == 0.0
    # as last seen
    assert states[-1].pose.id.tolist() == [1] and states[-1].row is None


def test_the_same_id_is_the_target_again():
    scene = by_id(1)
    scene.show(A, images=5)
    scene.show(B, images=30)
    target = scene.show(A, B)
    assert (target.status, target.origin, target.confidence) == (TRACKED, Origin.SELECTED, 1.0)


def test_a_target_under_a_new_id_is_recognised():
    scene = by_id(1)
    scene.show(A, B, images=30)
    scene.show(B, images=300)
    target = scene.show((3, FAR_RIGHT, RED), B, images=10)
    assert (target.status, target.id, target.origin) == (TRACKED, 3, Origin.REIDENTIFIED)
    assert 0.9 <= target.confidence < 1.0


def test_a_target_is_recognised_after_the_exposure_has_changed():
    scene = by_id(1)
    scene.show(A, B, images=30)
    scene.show(B, images=20, gain=(0.7, 0.9, 1.1))
    assert scene.show((3, FAR_RIGHT, RED), B, images=10, gain=(0.7, 0.9, 1.1)).id == 3


def test_one_image_is_not_enough_to_recognise_anybody():
    scene = by_id(1)
    scene.show(A, images=30)
    scene.show(images=20)
    states = [scene.show((3, LEFT, RED)).status for _ in range(6)]
    assert states[:4] == [SEARCHING] * 4 and states[-1] is TRACKED


@pytest.mark.parametrize('color', [GREEN, YELLOW, BLUE])
def test_a_stranger_is_never_taken(color):
    scene = by_id(1)
    scene.show(A, B, images=30)
    states = {scene.show((9, LEFT, color)).status for _ in range(100)}
    assert states == {HELD, SEARCHING}


def test_who_was_seen_with_the_target_is_not_taken_even_in_the_same_clothes():
    scene = by_id(1)
    scene.show(A, (2, RIGHT, RED), images=30)
    assert scene.show((2, RIGHT, RED), images=100).status is SEARCHING


def test_of_two_alike_none_is_taken():
    scene = by_id(1)
    scene.show(A, images=30)
    scene.show(images=20)
    target = scene.show((3, LEFT, RED), (4, RIGHT, RED), images=50)
    assert target.status is SEARCHING and target.is_unsure


def test_a_lost_target_is_not_unsure():
    scene = by_id(1, search_time=4.0)
    scene.show(A, images=30)
    scene.show(images=20)
    assert scene.show((3, LEFT, RED), (4, RIGHT, RED), images=15).is_unsure
    target = scene.show((3, LEFT, RED), (4, RIGHT, RED), images=15)
    assert target.status is LOST and not target.is_unsure


def test_who_looks_like_somebody_seen_with_the_target_is_not_taken():
    scene = by_id(1)
    scene.show(A, (2, RIGHT, RED), images=30)
    target = scene.show((3, LEFT, RED), images=50)
    assert target.status is SEARCHING and target.is_unsure


@pytest.mark.parametrize('change', [{'reidentify': False}, {}])
def test_without_colours_nobody_is_recognised(change):
    scene = by_id(1, **change)
    order = 'rgb' if change else 'mono'
    scene.show(A, images=30, order=order)
    scene.show(images=20, order=order)
    assert scene.show((3, LEFT, RED), images=30, order=order).status is SEARCHING


def test_a_lost_target_is_chosen_again_only_if_asked():
    for reselect, expected in ((False, LOST), (True, TRACKED)):
        scene = Scene(select='largest', search_time=0.0, reselect=reselect)
        scene.show(A, images=3)
        scene.show(B, images=12)
        assert scene.show(B).status is expected


def test_another_selection_starts_again():
    scene = by_id(1)
    scene.show(A, B, images=5)
    scene.state = select(scene.state, Selection(Criterion.ID, id=2))
    assert scene.show(A, B).id == 2
    scene.state = select(scene.state, Selection())
    assert scene.show(A, B).status is NONE


def test_an_outlying_stamp_does_not_lose_the_target():
    for jump in (3600, -3600):
        scene = by_id(1)
        scene.show(A, images=5)
        now = scene.stamp
        scene.show((2, LEFT, RED), step=jump * NANOSECONDS)
        scene.stamp = now
        assert scene.show(A).status is TRACKED


def test_a_pause_of_the_camera_does_not_end_the_search():
    scene = by_id(1)
    scene.show(A, images=30)
    assert scene.show((2, LEFT, RED), step=3600 * NANOSECONDS).status is SEARCHING
    assert scene.show((2, LEFT, RED), images=10).id == 2


def test_people_are_remembered_only_for_a_while():
    """So a robot that stands in a hall for a day does not run out of memory."""
    scene = by_id(1)
    for number in range(2, 100):
        scene.show(A, (number, RIGHT, BLUE))
    assert len(scene.state.memory.others) == 20
    assert len(scene.state.memory.target) <= 15


def test_a_state_can_be_continued_twice():
    """Nothing that is given is changed, so a recording may be replayed from any image on."""
    scene = by_id(1)
    scene.show(A, B, images=30)
    scene.show(B, images=20)
    before, images, stamp = scene.state, scene.images, scene.stamp
    results = []
    for _ in range(2):
        scene.state, scene.images, scene.stamp = before, images, stamp
        targets = [scene.show((3, FAR_RIGHT, RED), B) for _ in range(8)]
        results.append([(target.status, target.id, target.confidence) for target in targets])
    assert results[0] == results[1] and results[0][-1][:2] == (TRACKED, 3)


def test_memory_is_bounded_however_many_people_pass_while_the_target_is_away():
    scene = by_id(1, search_time=600.0)
    scene.show(A, images=20)
    for number in range(2, 150):
        assert scene.show((number, RIGHT, BLUE), images=2).id == 1
    assert len(scene.state.memory.evidence) <= 50
    # The target is found all the same.
    assert scene.show((1000, LEFT, RED), images=6).id == 1000
