"""Which image is shown when: images, poses, positions and target, put together by their stamps."""
from movenet_ros.core.types import Poses
from movenet_ros.images.cdr import ImageMessage
from movenet_ros.messages.pose_array import PoseMessage
from movenet_ros.tools.view import pairing
from movenet_ros.tools.view.page_image import PageImage
from movenet_ros.tools.view.page_picture import PagePicture
from movenet_ros.tools.view.pairing import LATELY, LONGEST, PATIENCE, QUIET, Pairing
from movenet_ros.tools.view.record import PersonPosition, TargetView

WAIT = PATIENCE[PageImage]
SMALL = 2
"""Bytes of a picture for the page."""
TARGET = TargetView(1, 'tracked', 'id')
POSITIONS = (PersonPosition(1, (0.0, 0.0, 2.0), 2.0),)


def image(stamp, size=10):
    message = ImageMessage((0, stamp), 'camera', 'mono8', memoryview(bytes(size)),
                           (1, size, size, False))
    return PageImage(message, lambda message: PagePicture(b'x' * SMALL, size, 1))


def poses(stamp):
    return PoseMessage((0, stamp), 'camera', 10, 1, stamp, 'lightning', Poses.empty())


def added(*parts, now=0.0):
    made = Pairing()
    for stamp, part in parts:
        made.add(stamp, part, now)
    return made


def test_an_image_is_shown_with_its_own_poses():
    made = added((1, image(1)), (2, image(2)))
    made.take(0.0)
    made.add(1, poses(1), 0.1)
    shown = made.take(0.1)
    assert shown.image.stamp_ns == shown.poses.stamp_ns == 1
    made.add(2, poses(2), 0.2)
    assert made.take(0.2).image.stamp_ns == 2
    assert made.take(0.2) is None


def test_images_that_the_node_skips_are_left_out():
    made = added((0, poses(0)))
    made.take(0.0)
    for stamp in range(1, 6):
        made.add(stamp, image(stamp), 0.01 * stamp)
        assert made.take(0.01 * stamp) is None
    made.add(5, poses(5), 0.06)
    assert made.take(0.06).image.stamp_ns == 5
    assert made.take(0.06) is None


def test_poses_wait_for_an_image_that_comes_later():
    made = added((1, image(1)), (1, poses(1)))
    assert made.take(0.0).image
    made.add(2, poses(2), 0.1)
    assert made.take(0.1) is None and made.due_in(0.1) is not None
    made.add(2, image(2), 0.15)
    assert made.take(0.15).image.stamp_ns == 2


def test_poses_whose_image_is_lost_are_shown_without_it():
    made = added((1, image(1)), (1, poses(1)))
    made.take(0.0)
    made.add(2, poses(2), 0.1)
    assert made.take(0.1 + 0.9 * WAIT) is None
    shown = made.take(0.1 + 1.1 * WAIT)
    assert shown.image is None and shown.poses.stamp_ns == 2


def test_an_image_that_is_lost_costs_a_slow_node_no_other():
    made = added(*((stamp, image(stamp)) for stamp in (1, 3, 4, 5)))
    made.add(1, poses(1), 0.1)
    assert made.take(0.1).image.stamp_ns == 1
    made.add(2, poses(2), 0.2)
    shown = made.take(0.2 + 1.1 * WAIT)
    assert shown.image is None and shown.poses.stamp_ns == 2
    made.add(4, poses(4), 0.5)
    assert made.take(0.5).image.stamp_ns == 4
    assert list(made._waiting) == [5]


def test_poses_without_any_images_leave_nothing_behind():
    made = Pairing()
    for stamp in range(10):
        made.add(stamp, poses(stamp), 2.0 * stamp)
        assert made.take(2.0 * stamp).poses.stamp_ns == stamp
        made.add(stamp, TARGET, 2.0 * stamp + 0.1)
    assert len(made._waiting) <= 1


def test_poses_do_not_wait_where_no_images_come():
    made = added((1, poses(1)))
    assert made.take(0.0).image is None


def test_without_poses_each_image_is_shown_once():
    made = added((1, image(1)))
    assert made.take(0.0).poses is None
    assert made.take(0.0) is None
    made.add(2, poses(2), 0.1)
    made.take(1.0)
    made.add(3, image(3), 1.0)
    assert made.take(1.0) is None
    assert made.take(0.1 + 1.1 * QUIET).image.stamp_ns == 3


def test_a_clock_that_is_set_back_changes_nothing():
    made = Pairing()
    for now, stamp in enumerate((100, 101, 3, 4)):
        made.add(stamp, image(stamp), now / 30)
        made.add(stamp, poses(stamp), now / 30)
        shown = made.take(now / 30)
        assert shown.image.stamp_ns == shown.poses.stamp_ns == stamp


def test_a_clock_that_is_paused_keeps_its_images():
    made = added((1, image(1)), (1, image(1, 20)), (1, poses(1)))
    assert made.take(0.0).image.message_size == 20
    made.add(1, poses(1), 0.03)
    assert made.take(0.03).image.message_size == 20


def test_positions_and_target_of_the_image_are_waited_for_or_are_those_before():
    made = added((1, image(1)), (1, poses(1)), (1, TARGET), (1, POSITIONS))
    shown = made.take(0.0)
    assert (shown.positions, shown.target) == (POSITIONS, TARGET)
    for stamp, part in ((2, image(2)), (2, poses(2)), (2, TARGET)):
        made.add(stamp, part, 0.1)
    assert made.take(0.1) is None
    assert made.take(0.1 + 1.1 * PATIENCE[tuple]).positions == POSITIONS
    made.add(3, poses(3), 1.5 * LATELY)
    late = made.take(1.5 * LATELY)
    assert late.positions is None and late.target is None


def test_a_slow_node_finds_the_images_of_its_poses_as_pictures(monkeypatch):
    monkeypatch.setattr(pairing, 'MOST_MESSAGE_BYTES', 50)
    made = added(*((stamp, image(stamp)) for stamp in range(100)))
    kept = [waiting.image for waiting in made._waiting.values()]
    assert len(kept) == 100
    assert [each.message_size for each in kept] == [0] * 95 + [10] * 5
    assert {each.size for each in kept[:95]} == {SMALL}
    made.add(40, poses(40), 0.5)
    shown = made.take(0.5)
    assert (shown.image.stamp_ns, shown.image.picture().jpeg) == (40, b'x' * SMALL)
    assert min(made._waiting) == 41


def test_what_waits_is_bounded(monkeypatch):
    monkeypatch.setattr(pairing, 'MOST_MESSAGE_BYTES', 50)
    monkeypatch.setattr(pairing, 'MOST_BYTES', 60)
    made = added(*((stamp, image(stamp)) for stamp in range(100)))
    assert list(made._waiting) == list(range(90, 100))
    made.add(100, image(100, 1000), 0.0)
    assert list(made._waiting) == [100]
    made.add(101, image(101), 2 * LONGEST)
    assert list(made._waiting) == [101]
