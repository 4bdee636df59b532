"""What is observed beside the poses: time as in the pipeline, restarts and outlying stamps."""
import numpy as np
from support.poses import people

from movenet_ros.config import Config
from movenet_ros.core.events import EventKind
from movenet_ros.core.observation import (
    ObservationState,
    ObservedImage,
    observe,
    select_target,
)
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.target.target import Status
from movenet_ros.core.types import NANOSECONDS, Picture, Poses

PICTURE = Picture(np.zeros((480, 640, 3), np.uint8))
SOMEBODY = people((100.0, 100.0))
START = 1000 * NANOSECONDS
STEP = NANOSECONDS // 10


def observed(*images, config=None):
    """The events of each image, given as stamp, poses and, if it is another one, picture."""
    state, events = ObservationState(), []
    for stamp_ns, poses, *picture in images:
        image = ObservedImage(stamp_ns, 'camera', *(picture or [PICTURE]), poses)
        state, observation = observe(state, image, config or Config())
        events.append([(event.kind, event.id) for event in observation.events])
    return events


def happened(events):
    return [event for image in events for event in image]


def steady(count, poses=SOMEBODY, start=START):
    return [(start + index * STEP, poses) for index in range(count)]


APPEARED, LOST = EventKind.APPEARED, EventKind.LOST


def test_a_person_appears_once():
    assert happened(observed(*steady(20))) == [(APPEARED, 1)]


def test_a_person_is_lost_after_max_age():
    events = observed(*steady(20), *steady(20, Poses.empty(), START + 20 * STEP))
    assert happened(events) == [(APPEARED, 1), (LOST, 1)]
    # last seen in image 19; after more than 1 s
    assert events[30] == [(LOST, 1)]


def test_a_clock_that_goes_back_loses_everybody():
    later = steady(20, people((100.0, 100.0), ids=[2]), START - 500 * NANOSECONDS)
    events = observed(*steady(20), *later)
    assert happened(events) == [(APPEARED, 1), (LOST, 1), (APPEARED, 2)]
    # Until the next stamp comes, it may be an outlier.
    assert events[20] == []
    assert events[21][0] == (LOST, 1)


def test_another_image_size_loses_everybody_at_once():
    small = Picture(np.zeros((240, 320, 3), np.uint8))
    events = observed(*steady(20), *((stamp, people((9.0, 9.0), ids=[2]), small)
                                     for stamp, _ in steady(20, start=START + 20 * STEP)))
    assert events[20][0] == (LOST, 1)
    assert happened(events) == [(APPEARED, 1), (LOST, 1), (APPEARED, 2)]


def test_an_outlying_stamp_changes_nothing():
    images = steady(40)
    for outlier in (0, START + 3600 * NANOSECONDS):
        stray = people((100.0, 100.0), ids=[2])
        events = observed(*images[:20], (outlier, stray), *images[20:])
        assert happened(events) == [(APPEARED, 1)]


def statuses(*images, selections=None, **parameters):
    """Of the target in each image; what is selected before some of them, by their number."""
    state, found = ObservationState(), []
    config = Config().replace({f'target.{name}': value for name, value in parameters.items()})
    for number, (stamp_ns, poses) in enumerate(images):
        if selection := (selections or {}).get(number):
            state = select_target(state, selection)
        state, observation = observe(
            state, ObservedImage(stamp_ns, 'camera', PICTURE, poses), config)
        found.append(observation.target.status)
    return found


FAR_AHEAD = (START + 3600 * NANOSECONDS, people((100.0, 100.0), ids=[2]))


def test_an_outlying_stamp_does_not_end_the_search_for_the_target():
    away = steady(20, Poses.empty(), START + 5 * STEP)
    found = statuses(*steady(5), *away, FAR_AHEAD, *steady(5, start=START + 25 * STEP),
                     select='largest', search_time=5.0)
    assert found[24:] == [Status.SEARCHING, Status.LOST] + [Status.TRACKED] * 5


def test_who_was_selected_at_an_outlying_stamp_is_selected_again():
    largest = Selection(Criterion.LARGEST)
    images = [*steady(5), FAR_AHEAD, *steady(5, start=START + 5 * STEP)]
    for number in (5, 6):
        found = statuses(*images, selections={number: largest})
        assert found == [Status.NONE] * number + [Status.TRACKED] * (11 - number)


def known(*images):
    """Who is known after each image."""
    state, ids = ObservationState(), []
    for stamp_ns, poses in images:
        state, observation = observe(
            state, ObservedImage(stamp_ns, 'camera', PICTURE, poses), Config())
        ids.append(set(observation.known))
    return ids


def test_who_was_seen_for_a_moment_is_known_until_the_id_cannot_come_back():
    nobody = steady(20, Poses.empty(), START + STEP)
    ids = known(*steady(1), *nobody)
    # for 1 s; no event is reported of them
    assert ids == [{1}] * 11 + [set()] * 10
    assert happened(observed(*steady(1), *nobody)) == []


def test_a_stamp_that_may_be_an_outlier_makes_nobody_unknown():
    images = steady(20)
    for outlier in (0, START + 3600 * NANOSECONDS):
        stray = people((100.0, 100.0), ids=[2])
        ids = known(*images[:10], (outlier, stray), *images[10:])
        assert ids == [{1}] * 10 + [{1, 2}] + [{1}] * 10


def test_after_a_restart_nobody_from_before_is_known():
    again = steady(20, people((100.0, 100.0), ids=[2]), START - 500 * NANOSECONDS)
    assert known(*steady(20), *again)[20:] == [{1, 2}] + [{2}] * 19


def test_time_unseen_is_not_negative_where_time_goes_back():
    small = Picture(np.zeros((24, 32, 3), np.uint8))
    state, events = ObservationState(), []
    config = Config().replace({'tfjs.time': True})
    images = [*steady(20), (START - STEP, Poses.empty()), (START, Poses.empty(), small)]
    for stamp_ns, poses, *picture in images:
        state, observation = observe(state, ObservedImage(
            stamp_ns, 'camera', *(picture or [PICTURE]), poses), config)
        events += observation.events
    assert [event.kind for event in events] == [APPEARED, LOST]
    assert events[1].time_unseen == 0
