"""The share of the time in which images are worked on: the arithmetic."""
import pytest

from movenet_ros.ros.diagnostics.busy_time import LEAST_SPAN, BusyTime


def busy(*spans, memory=100.0):
    time = BusyTime(memory)
    for span in spans:
        time.note(*span)
    return time


@pytest.mark.parametrize(('spans', 'share'), [
    ([(0, 1), (2, 3), (9, 10)], 0.3),
    # Images of several cameras at the same time, in the order of their ends
    ([(0, 1), (0, 2), (1, 3)], 1.0),
    ([(4, 5), (6, 7), (0, 8), (9, 10)], 0.9),
    # The same image again
    ([(0, 2), (0, 3), (9, 10)], 0.4),
    ([(-5, 2), (8, 12)], 0.4)])
def test_time_counts_once_however_many_images_are_worked_on(spans, share):
    assert busy(*spans).share(0, 10) == pytest.approx(share)


def test_time_after_the_last_span_does_not_count():
    """An image may be worked on that nothing is known of yet."""
    assert busy((0, 1), (3, 4)).share(0, 100) == 0.5


def test_only_long_spans_may_count():
    assert busy((0, 1), (2, 2.5), (7, 10)).share(0, 10, beyond=1) == pytest.approx(0.2)


def test_too_short_a_time_counts_as_busy():
    assert BusyTime(10).share(0, 100) == 1.0
    assert busy((0, 0.1), (0.5, LEAST_SPAN - 0.1)).share(0, 100) == 1.0


def test_spans_are_forgotten():
    assert busy((0, 1), (5, 6), (15, 16), memory=10).share(0, 16) == pytest.approx(2 / 16)
