"""Skipped images and lost ones: the arithmetic."""
import pytest

from movenet_ros.ros.subscription.arrivals import MOST_PUBLISHERS, Arrivals, Missed, origin


def taken(arrivals, *numbers, publisher=b'a', **why):
    return arrivals.taken([(publisher, number) for number in numbers], **why)


def test_all_but_the_newest_of_a_queue_are_skipped():
    assert taken(Arrivals(), 1, 2, 3, 4) == Missed(skipped=3)


def test_a_gap_is_lost_where_the_queue_had_room():
    arrivals = Arrivals()
    assert [taken(arrivals, n) for n in (7, 8, 11)] == [Missed(), Missed(), Missed(lost=2)]
    assert taken(arrivals, 14, 15, 18) == Missed(skipped=2, lost=4)


def test_a_gap_before_a_full_queue_is_skipped():
    arrivals = Arrivals()
    taken(arrivals, 1)
    assert taken(arrivals, 10, 11, 12, overflowed=True) == Missed(skipped=8 + 2)


def test_a_gap_within_a_full_queue_is_lost():
    arrivals = Arrivals()
    taken(arrivals, 1)
    assert taken(arrivals, 10, 13, overflowed=True) == Missed(skipped=8 + 1, lost=2)


def test_nothing_is_lost_while_nobody_is_there():
    arrivals = Arrivals()
    taken(arrivals, 1)
    assert taken(arrivals, 10, 13, away=True) == Missed(skipped=8 + 2 + 1, away=8 + 2 + 1)


def test_what_is_reported_after_nobody_was_there_is_skipped():
    assert Missed(skipped=-2, lost=5).while_away() == Missed(skipped=3, away=3)


def test_publishers_are_numbered_apart():
    arrivals = Arrivals()
    for publisher, number in ((b'a', 1), (b'b', 50), (b'a', 2)):
        assert arrivals.taken([(publisher, number)]) == Missed()
    assert arrivals.taken([(b'a', 3), (b'b', 53)]) == Missed(skipped=1, lost=2)


def test_each_publisher_of_a_full_queue_has_been_overtaken():
    arrivals = Arrivals()
    arrivals.taken([(b'a', 1), (b'b', 1)])
    assert arrivals.taken([(b'a', 5), (b'b', 9)], overflowed=True) == Missed(skipped=3 + 7 + 1)


def test_who_has_sent_something_stays_known_where_numbers_mean_nothing():
    """As on Jazzy, which has no ids of publishers, with one publisher and then with two."""
    arrivals = Arrivals()
    taken(arrivals, 1, publisher=b'')
    arrivals.forget()
    assert arrivals.publishers == {b''}
    other = Arrivals()
    other.forget()
    taken(other, None, publisher=b'')
    assert other.publishers == {b''}


def test_numbers_that_go_back_or_are_missing_are_no_gap():
    arrivals = Arrivals()
    assert [taken(arrivals, n).lost for n in (9, 3, 4, None, 6)] == [0, 0, 0, 0, 1]


def test_what_was_reported_lost_is_not_counted_again():
    arrivals = Arrivals()
    taken(arrivals, 1)
    assert (arrivals.reported(2), arrivals.reported(1)) == (Missed(lost=2), Missed(lost=1))
    assert taken(arrivals, 5) == Missed()
    assert taken(arrivals, 8) == Missed(lost=2)


def test_a_report_that_comes_after_the_gap_counts_nothing():
    arrivals = Arrivals()
    taken(arrivals, 1)
    assert taken(arrivals, 5) == Missed(lost=3)
    assert arrivals.reported(3) == Missed()
    assert arrivals.reported(4) == Missed(lost=4)


def test_a_report_that_comes_after_a_full_queue_makes_skipped_ones_lost():
    arrivals = Arrivals()
    taken(arrivals, 1)
    assert taken(arrivals, 5, overflowed=True) == Missed(skipped=3)
    assert arrivals.reported(2) == Missed(skipped=-2, lost=2)
    assert arrivals.reported(2) == Missed(skipped=-1, lost=2)
    assert taken(arrivals, 7) == Missed()


def test_a_report_that_comes_after_nobody_was_there_counts_nothing():
    arrivals = Arrivals()
    taken(arrivals, 1)
    assert taken(arrivals, 5, away=True) == Missed(skipped=3, away=3)
    assert arrivals.reported(3) == Missed()


def test_losses_are_told_from_skipped_images_by_the_report():
    arrivals = Arrivals()
    taken(arrivals, 1)
    assert arrivals.reported(3) == Missed(lost=3)
    assert taken(arrivals, 12, 13, overflowed=True) == Missed(skipped=7 + 1)


def test_losses_before_the_first_image_of_a_publisher_are_in_no_gap():
    arrivals = Arrivals()
    assert arrivals.reported(100) == Missed(lost=100)
    assert taken(arrivals, 101) == Missed()
    assert taken(arrivals, 104) == Missed(lost=2)


@pytest.mark.parametrize('reports', [True, False])
def test_every_number_is_accounted_for_once(reports):
    arrivals, counted = Arrivals(), 0
    numbers = [1, 2, 5, 6, 7, 20, 21, 22, 23, 40]
    for first, second in zip(numbers[::2], numbers[1::2], strict=True):
        if reports:
            counted += arrivals.reported(1).lost
        missed = taken(arrivals, first, second, overflowed=first == 22)
        counted += missed.skipped + missed.lost + 1
    # What was reported before the first image is on top of it.
    assert counted == numbers[-1] + (1 if reports else 0)


def test_only_so_many_publishers_are_remembered():
    arrivals = Arrivals()
    for name in range(MOST_PUBLISHERS + 1):
        taken(arrivals, 1, publisher=bytes([name]))
    assert taken(arrivals, 10, publisher=bytes([0])) == Missed()
    assert taken(arrivals, 10, publisher=bytes([MOST_PUBLISHERS])) == Missed(lost=8)


@pytest.mark.parametrize(('numbers', 'asked'), [
    ((7, 8, 9), [7]), ((7, 8, 10, 11), [7, 10]), ((7, 8, 1, 2), [7, 1]), ((7, None), [7, None])])
def test_publishers_are_counted_only_where_a_number_does_not_follow_the_last(numbers, asked):
    arrivals, counted = Arrivals(), []
    for number in numbers:
        found = origin({'publication_sequence_number': number}, arrivals,
                       lambda number=number: counted.append(number))
        assert found == (b'', number)
        arrivals.taken([found])
    assert counted == asked


def test_numbers_of_several_publishers_are_not_compared_with_those_of_one():
    arrivals = Arrivals()
    # the second publisher begins with the third image
    missed = [arrivals.taken([origin({'publication_sequence_number': number}, arrivals,
                                     lambda has_begun=place >= 2: has_begun)])
              for place, number in enumerate((7, 8, 1, 9, 2, 3, 10))]
    assert missed == [Missed()] * 7


def test_where_publishers_are_distinguished_they_are_not_counted():
    info = {'publisher_gid': {'data': b'a'}, 'publication_sequence_number': 7}
    assert origin(info, Arrivals(), pytest.fail) == (b'a', 7)
