"""What is on time, what came late, and what is a new start, stamp by stamp."""
import pytest

from movenet_ros.core.stamps import Course, Stamps
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


def test_later_stamps_advance_the_time():
    assert follow([0, 33, 66, 99]) == [0, 33, 66, 99]


def test_a_late_image_does_not_set_the_time_back():
    assert follow([0, 33, 99, 66, 133]) == [0, 33, 99, 99, 133]


def test_several_may_come_late_and_in_any_order():
    assert follow([0, 33, 200, 166, 66, 133, 99, 233]) == [0, 33, 200, 200, 200, 200, 200, 233]


def test_the_first_images_may_come_late():
    assert follow([33, 0, 66]) == [33, 33, 66]
    assert follow([66, 33, 0, 99]) == [66, 66, 66, 99]
    assert follow([66, 0, 33, 99]) == [66, 66, 66, 99]


def test_equal_stamps_do_not_restart():
    assert follow([7] * 5) == [7] * 5
    assert follow([0, 33, 33, 33, 66]) == [0, 33, 33, 33, 66]


@pytest.mark.parametrize(('back', 'expected'), [(500, 2000), (501, 'start')])
def test_a_larger_step_back_restarts(back, expected):
    assert follow([0, 1000, 2000, 2000 - back])[-1] == expected


def test_without_lateness_every_step_back_restarts():
    assert follow([0, 33, 66, 65, 65, 98], 0.0) == [0, 33, 66, 'start', 65, 98]


def test_a_clock_that_was_set_back_a_little_catches_up():
    assert follow([0, 100, 200, 300, 400, 150, 250, 350, 450, 550]) == [
        0, 100, 200, 300, 400, 400, 400, 400, 450, 550]


def test_a_short_looping_recording_restarts_each_time():
    assert follow([0, 100, 200] * 3) == [0, 100, 200, 'start', 100, 200, 'start', 100, 200]


def test_a_short_loop_without_its_first_image_restarts_within_max_lateness():
    # Late images may cover 0.5 s in a row; then each loop begins with its first image.
    loop = [100, 200, 300, 400]
    times = follow([0, *loop * 5])
    assert times[:5] == [0, 100, 200, 300, 400]
    assert times[5:12] == [400] * 7
    assert times[12:] == ['start', 400, 400, 400, 400, 'start', 200, 300, 400]


def test_of_two_streams_the_one_ahead_sets_the_time_until_it_ends():
    ahead, behind = range(1000, 2000, 100), range(800, 1800, 100)
    mixed = [stamp for pair in zip(ahead, behind, strict=True) for stamp in pair]
    assert follow(mixed) == [stamp for stamp in ahead for _ in range(2)]
    assert follow([*mixed, *range(1800, 2200, 100)])[-4:] == [1900, 1900, 2000, 2100]


@pytest.mark.parametrize(('before', 'stamp_ms', 'is_same_size', 'course'), [
    (None, 5, True, Course.RESTARTS), (Stamps.start(100 * MS), 133, True, Course.CONTINUES),
    (Stamps.start(1000 * MS), 900, True, Course.CONTINUES),
    (Stamps.start(1000 * MS), 499, True, Course.RESTARTS),
    (Stamps.start(100 * MS), 133, False, Course.RESTARTS)])
def test_everything_starts_again_at_an_early_stamp_or_another_size(
        before, stamp_ms, is_same_size, course):
    stamps, found = follow_image(before, stamp_ms * MS, 0.5, is_same_size=is_same_size)
    assert found is course
    assert (stamps.start_ns == stamp_ms * MS) == (course is Course.RESTARTS)


def courses(stamps_ms, max_lateness=0.5):
    """A letter for what each stamp [ms] means: of continues, starts again, returns."""
    stamps, found = None, ''
    for stamp in stamps_ms:
        stamps, course = follow_image(stamps, stamp * MS, max_lateness, is_same_size=True)
        found += {Course.CONTINUES: 'c', Course.RESTARTS: 's', Course.RETURNS: 'r'}[course]
    return found


@pytest.mark.parametrize(('stamps_ms', 'expected'), [
    # one ahead; one far behind; no stamp; the first one again
    ([5000, 5033, 15066, 5100, 5133], 'sccrc'),
    ([5000, 5033, 4000, 5100, 5133], 'scsrc'),
    ([5000, 5033, 0, 5100, 5133], 'scsrc'),
    ([5000, 5033, 5066, 5000, 5133], 'sccsr'),
    # the outlier is repeated; two different ones are believed
    ([5000, 5033, 0, 0, 0, 5100], 'scsccr'),
    ([5000, 5033, 15000, 15033, 5100], 'scccs'),
    # one ahead after another: each is undone
    ([5000, 15000, 5033, 15033, 5066], 'scrcr'),
    # pauses, loops, and a clock that was set back
    ([0, 33, 5000, 5033, 10_000, 15_000, 20_000], 'scccccc'),
    ([5000, 5033, 5066] * 3, 'sccsccscc'),
    ([5000, 6000, 5000, 5500, 6000, 5000], 'scsccs'),
    ([5000, 5033, 1000, 1033, 1066], 'scscc'),
    # slow images, and a clock that is set back by less than the time between two
    ([5000, 7000, 6000, 8000], 'scrc')])
def test_a_single_outlying_stamp_is_undone(stamps_ms, expected):
    assert courses(stamps_ms) == expected


def test_after_an_outlier_of_another_size_everything_starts_again():
    stamps = Stamps.start(5000 * MS)
    stamps, course = follow_image(stamps, 0, 0.5, is_same_size=False)
    assert course is Course.RESTARTS
    assert follow_image(stamps, 5033 * MS, 0.5, is_same_size=True)[1] is Course.CONTINUES
