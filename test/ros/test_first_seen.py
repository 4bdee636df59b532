"""Since when those that come and go are there: the arithmetic."""
from movenet_ros.ros.subscription.first_seen import FirstSeen


def test_the_one_that_has_been_there_longest():
    seen = FirstSeen()
    assert seen.longest(5.0) == 0.0
    for now, present in ((1.0, 'a'), (2.0, 'ab'), (3.0, 'ab')):
        seen.see(present, now)
    assert seen.longest(4.0) == 3.0
    seen.see('b', 5.0)
    assert seen.longest(6.0) == 4.0


def test_one_that_comes_back_is_new():
    seen = FirstSeen()
    for now, present in ((1.0, 'a'), (2.0, ''), (3.0, 'a')):
        seen.see(present, now)
    assert seen.longest(4.0) == 1.0
