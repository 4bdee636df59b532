"""Which share of the latest images was lost, or skipped although there was time: the arithmetic."""
import pytest

from movenet_ros.ros.diagnostics.busy_time import BusyTime
from movenet_ros.ros.diagnostics.recent_images import (
    HARDLY_BUSY,
    LEAST_LOST,
    LEAST_SKIPPED,
    WINDOW,
    RecentImages,
)
from movenet_ros.ros.subscription.arrivals import Missed


def recent():
    return RecentImages(BusyTime(WINDOW))


def test_the_share_that_was_lost_lately():
    images = recent()
    images.note(0.0, Missed(), arrived=30)
    assert images.loss(0.0) == 0.0
    images.note(1.0, Missed(lost=15), arrived=15)
    assert images.loss(1.0) == 0.25
    assert images.loss(0.5 + WINDOW) == 0.5
    assert images.loss(2.0 + WINDOW) == 0.0


def test_a_few_lost_images_are_tolerated():
    rare, few = recent(), recent()
    rare.note(0.0, Missed(lost=20), arrived=980)
    few.note(0.0, Missed(lost=LEAST_LOST - 1))
    assert (rare.loss(0.0), few.loss(0.0)) == (0.0, 0.0)


def play(images, busy, *, seconds, period, at_once, work):
    """Lets `at_once` images come at a time, of which the newest is worked on."""
    now = 0.0
    while now < seconds:
        images.note(now, Missed(skipped=at_once - 1), arrived=1)
        busy.note(now, now + work)
        now += period
    return now - period


@pytest.mark.parametrize(('period', 'at_once', 'work', 'skipped'), [
    (0.1, 3, 0.01, 2 / 3), (0.2, 6, 0.05, 5 / 6), (0.05, 1.5, 0.01, 0.5 / 1.5),
    # fewer than the share of the busy time
    (0.04, 1.2, 0.01, 0.2 / 1.2)])
def test_images_that_come_in_bursts(period, at_once, work, skipped):
    busy = BusyTime(WINDOW)
    images = RecentImages(busy)
    now = play(images, busy, seconds=20.0, period=period, at_once=at_once, work=work)
    found = images.bursts(now)
    assert found.skipped == pytest.approx(skipped)
    assert found.busy == pytest.approx(work / period, abs=0.01)


@pytest.mark.parametrize(('period', 'at_once', 'work'), [
    # a network that is slower than the camera, and one that takes half of the time
    (0.1, 3, 0.099), (1.0, 30, 0.98), (0.1, 3, 0.1 * HARDLY_BUSY),
    # an even camera, also with a rare skip
    (0.033, 1, 0.01), (0.033, 1.05, 0.01)])
def test_images_that_are_skipped_for_want_of_time_are_no_bursts(period, at_once, work):
    busy = BusyTime(WINDOW)
    images = RecentImages(busy)
    now = play(images, busy, seconds=20.0, period=period, at_once=at_once, work=work)
    assert images.bursts(now) is None


def test_a_slow_network_is_no_reason_while_its_first_image_is_worked_on():
    """Other images arrive beside, and nothing is known yet of the one with the network."""
    busy = BusyTime(WINDOW)
    images = RecentImages(busy)
    for number in range(90):
        now = number / 30
        images.note(now, Missed(), arrived=1)
        if number:
            images.overtaken(now)
        assert images.bursts(now) is None
    busy.note(0.0, 3.0)
    assert images.bursts(3.0) is None


def test_time_without_images_does_not_count_as_idle():
    """As before a camera starts, and after it has ended."""
    busy = BusyTime(WINDOW)
    images = RecentImages(busy)
    for tenth in range(50, 70):
        images.note(tenth / 10, Missed(skipped=2), arrived=1)
        busy.note(tenth / 10, tenth / 10 + 0.099)
    assert [now for now in range(7, 20) if images.bursts(now)] == []


def test_a_long_stall_is_no_burst():
    """One image took two seconds; the camera went on."""
    busy = BusyTime(WINDOW)
    images = RecentImages(busy)
    for number in range(240):
        now = number / 30
        if not 3 < now < 5:
            images.note(now, Missed(skipped=58 if 5 <= now < 5.03 else 0), arrived=1)
            busy.note(now, now + (2 if now == 3 else 0.01))
    assert images.bursts(8.0) is None


def test_what_piled_up_during_a_pause_is_no_burst():
    busy = BusyTime(WINDOW)
    images = RecentImages(busy)
    play(images, busy, seconds=3.0, period=0.03, at_once=1, work=0.01)
    images.note(5.0, Missed(skipped=60, away=60), arrived=1)
    busy.note(5.0, 5.01)
    assert images.bursts(5.0) is None


def test_a_few_skipped_images_are_tolerated():
    busy = BusyTime(WINDOW)
    images = RecentImages(busy)
    images.note(0.0, Missed(), arrived=1)
    images.note(2.0, Missed(skipped=LEAST_SKIPPED - 1), arrived=1)
    busy.note(2.0, 2.01)
    assert images.bursts(2.0) is None
    images.overtaken(3.0)
    busy.note(3.0, 3.01)
    assert images.bursts(3.0).skipped == pytest.approx(5 / 6)
