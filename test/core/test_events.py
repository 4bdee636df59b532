"""Who appears, returns, leaves and is lost, from made-up poses."""
import dataclasses

import numpy as np
import pytest
from support.poses import people

from movenet_ros.core.events import Edge, EventKind, EventState, all_lost, find_events
from movenet_ros.core.types import NANOSECONDS, Poses

SIZE = (640, 480)
MAX_AGE = 1.0
APPEARED, LOST = EventKind.APPEARED, EventKind.LOST
RETURNED, LEFT = EventKind.RETURNED, EventKind.LEFT
NOBODY = Poses.empty()
MIDDLE = (300.0, 200.0)


def somebody(*ids, place=MIDDLE, velocity=(0.0, 0.0)):
    poses = people(*[place] * len(ids), ids=ids)
    return dataclasses.replace(
        poses, velocity=np.tile(np.float32(velocity), (len(ids), 1)))


def run(images, rate=10, start=0):
    """The events of images at a rate [Hz], as pairs of time [s] and event; and the state."""
    state, found = EventState(), []
    for index, poses in enumerate(images):
        time_ns = start + round(index * NANOSECONDS / rate)
        state, events = find_events(state, poses, SIZE, time_ns, time_ns, MAX_AGE)
        found += [((time_ns - start) / NANOSECONDS, event) for event in events]
    return found, state


def kinds(images, rate=10):
    return [(event.kind, event.id) for _, event in run(images, rate)[0]]


def test_who_is_followed_for_a_while_appears_once():
    found, _ = run([somebody(7)] * 30)
    ((time, event),) = found
    assert (event.kind, event.id, event.time_unseen) == (APPEARED, 7, 0.0)
    assert time == pytest.approx(0.3)
    np.testing.assert_array_equal(event.box, somebody(7).box[0])


def test_a_person_of_one_image_is_nobody():
    assert kinds([*[NOBODY] * 5, somebody(7), *[NOBODY] * 30]) == []
    assert kinds([NOBODY, somebody(7), NOBODY, somebody(7), *[NOBODY] * 30]) == []


def test_who_flickered_before_appearing_has_not_been_unseen():
    found, _ = run([somebody(7), *[NOBODY] * 5, *[somebody(7)] * 10])
    assert [(event.kind, event.time_unseen) for _, event in found] == [(APPEARED, 0.0)]


def test_one_image_without_a_person_is_no_event():
    images = [somebody(7)] * 10 + [NOBODY] + [somebody(7)] * 10
    assert kinds(images) == [(APPEARED, 7)]
    # also where one image is long
    assert kinds(images, rate=2) == [(APPEARED, 7)]


def test_who_was_away_for_a_while_returns_when_seen_for_a_while():
    found, _ = run([somebody(7)] * 10 + [NOBODY] * 5 + [somebody(7)] * 10)
    assert [event.kind for _, event in found] == [APPEARED, RETURNED]
    time, event = found[1]
    assert event.time_unseen == pytest.approx(0.6)
    assert time == pytest.approx(1.5 + 0.3)


def test_a_flicker_while_away_is_no_return():
    away = [NOBODY] * 5
    assert kinds([*[somebody(7)] * 10, *away, somebody(7), *away, somebody(7), *[NOBODY] * 20]) == [
        (APPEARED, 7), (LOST, 7)]


def test_lost_when_the_tracker_has_forgotten_them():
    found, state = run([somebody(7)] * 10 + [NOBODY] * 20)
    assert [event.kind for _, event in found] == [APPEARED, LOST]
    time, event = found[1]
    assert time == pytest.approx(0.9 + 1.1)
    assert event.time_unseen == pytest.approx(1.1)
    assert state.people == {}


def test_where_images_are_slow_nobody_is_lost_between_them():
    images = [somebody(7)] * 5
    assert kinds(images, rate=0.5) == [(APPEARED, 7)]
    assert kinds([*images, NOBODY, *images], rate=0.5) == [(APPEARED, 7)]


@pytest.mark.parametrize(('edge', 'place', 'velocity'), [
    (Edge.LEFT, (0.0, 200.0), (-200.0, 0.0)), (Edge.RIGHT, (622.0, 200.0), (200.0, 30.0)),
    (Edge.TOP, (300.0, 0.0), (20.0, -100.0)), (Edge.BOTTOM, (300.0, 463.0), (0.0, 100.0)),
    (Edge.LEFT, (40.0, 200.0), (-200.0, 0.0))])
def test_who_moves_over_an_edge_has_left_there(edge, place, velocity):
    last = somebody(7, place=place, velocity=velocity)
    found, _ = run([somebody(7)] * 10 + [last] + [NOBODY] * 20)
    assert [(event.kind, event.edge) for _, event in found] == [
        (APPEARED, Edge.NONE), (LEFT, edge)]
    np.testing.assert_array_equal(found[1][1].box, last.box[0])


@pytest.mark.parametrize(('place', 'velocity'), [
    ((0.0, 200.0), (0.0, 0.0)), ((0.0, 200.0), (200.0, 0.0)), ((0.0, 200.0), (-20.0, 0.0)),
    ((300.0, 200.0), (-200.0, 0.0))])
def test_who_stands_at_an_edge_or_is_far_from_it_is_lost(place, velocity):
    last = somebody(7, place=place, velocity=velocity)
    found, _ = run([somebody(7)] * 10 + [last] + [NOBODY] * 20)
    assert [(event.kind, event.edge) for _, event in found][1:] == [(LOST, Edge.NONE)]


def test_each_person_has_events_of_their_own():
    both, one = somebody(1, 2), somebody(2)
    assert kinds([both] * 10 + [one] * 20 + [somebody(2, 3)] * 10) == [
        (APPEARED, 1), (APPEARED, 2), (LOST, 1), (APPEARED, 3)]


def test_all_who_have_appeared_are_lost_when_everything_starts_again():
    _, state = run([somebody(1, 2)] * 10 + [somebody(2, 3)])
    events = all_lost(state, 5)
    assert [(event.kind, event.id, event.stamp_ns) for event in events] == [
        (LOST, 1, 5), (LOST, 2, 5)]
    assert [event.time_unseen for event in events] == pytest.approx([0.1, 0.0])
