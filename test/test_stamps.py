"""What is on time, what came late, and what is a new start, stamp by stamp."""
import pytest

from movenet_ros.core.stamps import Stamps
from movenet_ros.core.stamps import follow as follow_image

MS = 1_000_000


def follow(stamps_ms, max_lateness=0.5):
    """What time it is after each stamp [ms]; `start` where the stream has started again."""
    stamps, result = None, []
    for stamp in stamps_ms:
        added = stamps.add(stamp * MS, max_lateness) if stamps else Stamps.start(stamp * MS)
        result.append('start' if added is None else added.latest_ns // MS)
        stamps = Stamps.start(stamp * MS) if added is None else added
    return result


def test_time_goes_on_with_later_stamps():
    assert follow([0, 33, 66, 99]) == [0, 33, 66, 99]


def test_time_does_not_go_back_with_an_image_that_came_late():
    assert follow([0, 33, 99, 66, 133]) == [0, 33, 99, 99, 133]


def test_several_may_come_late_and_in_any_order():
    assert follow([0, 33, 200, 166, 66, 133, 99, 233]) == [0, 33, 200, 200, 200, 200, 200, 233]


def test_the_first_images_may_come_late():
    assert follow([33, 0, 66]) == [33, 33, 66]
    assert follow([66, 33, 0, 99]) == [66, 66, 66, 99]
    assert follow([66, 0, 33, 99]) == [66, 66, 66, 99]


def test_equal_stamps_are_no_new_start():
    assert follow([7] * 5) == [7] * 5
    assert follow([0, 33, 33, 33, 66]) == [0, 33, 33, 33, 66]


@pytest.mark.parametrize(('back', 'expected'), [(500, 2000), (501, 'start')])
def test_a_larger_step_back_is_a_new_start(back, expected):
    assert follow([0, 1000, 2000, 2000 - back])[-1] == expected


def test_without_lateness_every_step_back_is_a_new_start():
    assert follow([0, 33, 66, 65, 65, 98], 0.0) == [0, 33, 66, 'start', 65, 98]


def test_a_clock_that_was_set_back_a_little_catches_up():
    assert follow([0, 100, 200, 300, 400, 150, 250, 350, 450, 550]) == [
        0, 100, 200, 300, 400, 400, 400, 400, 450, 550]


def test_a_short_recording_that_loops_is_a_new_start_each_time():
    assert follow([0, 100, 200] * 3) == [0, 100, 200, 'start', 100, 200, 'start', 100, 200]


def test_a_short_recording_that_loops_without_its_first_image_starts_again_in_time():
    # Late images may cover 0.5 s in a row; then each loop begins with its first image.
    loop = [100, 200, 300, 400]
    times = follow([0, *loop * 5])
    assert times[:5] == [0, 100, 200, 300, 400]
    assert times[5:12] == [400] * 7
    assert times[12:] == ['start', 400, 400, 400, 400, 'start', 200, 300, 400]


def test_of_two_streams_the_one_ahead_makes_the_time_and_the_other_takes_over():
    ahead, behind = range(1000, 2000, 100), range(800, 1800, 100)
    mixed = [stamp for pair in zip(ahead, behind, strict=True) for stamp in pair]
    assert follow(mixed) == [stamp for stamp in ahead for _ in range(2)]
    assert follow([*mixed, *range(1800, 2200, 100)])[-4:] == [1900, 1900, 2000, 2100]


@pytest.mark.parametrize(('before', 'stamp_ms', 'is_same_size', 'starts_again'), [
    (None, 5, True, True), (Stamps.start(100 * MS), 133, True, False),
    (Stamps.start(1000 * MS), 900, True, False), (Stamps.start(1000 * MS), 499, True, True),
    (Stamps.start(100 * MS), 133, False, True)])
def test_everything_starts_again_at_an_early_stamp_or_another_size(
        before, stamp_ms, is_same_size, starts_again):
    stamps, found = follow_image(before, stamp_ms * MS, 0.5, is_same_size=is_same_size)
    assert found == starts_again
    assert (stamps == Stamps.start(stamp_ms * MS)) == starts_again
