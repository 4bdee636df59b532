"""What is observed beside the poses: time as in the pipeline, restarts and outlying stamps."""
import subprocess
import sys

import numpy as np
from support.paths import ROOT
from support.poses import people
from support.skeleton_3d import RAISED, SIDEWAYS, person, poses_at, poses_of

from movenet_ros.config import Config
from movenet_ros.core.events import EventKind
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.gestures.gesture import Gesture
from movenet_ros.core.gestures.recognition import GestureState, update
from movenet_ros.core.observation import (
    ObservationState,
    ObservedImage,
    observe,
    select_target,
)
from movenet_ros.core.rotation import rotate_points_back
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


GESTURES = Config().replace({'gestures.enabled': True})
HAND_UP = poses_of(person(left_arm=RAISED))
CAMERA = CameraModel('camera', 640, 480, (600, 0, 319.5, 0, 600, 239.5, 0, 0, 1))


def observations(poses, stamps, config=GESTURES, **known):
    state, found = ObservationState(), []
    for stamp_ns in stamps:
        image = ObservedImage(stamp_ns, 'camera', PICTURE, poses, **known)
        state, observation = observe(state, image, config)
        found.append(observation)
    return found


def times(count, start=START):
    return [start + index * STEP for index in range(count)]


def raises_hand(observation):
    return Gesture.LEFT_HAND_RAISED in observation.gestures.of(0)


def test_gestures_are_those_of_the_library():
    state = GestureState()
    for observation, stamp_ns in zip(observations(HAND_UP, times(20)), times(20), strict=True):
        state, expected = update(state, HAND_UP, stamp_ns)
        assert observation.gestures.id.tolist() == [1]
        np.testing.assert_array_equal(observation.gestures.active, expected.active)
        np.testing.assert_array_equal(observation.gestures.joint_angle, expected.joint_angle)
    assert raises_hand(observation)


def test_gestures_come_from_positions_where_there_is_depth():
    poses = poses_of(person(left_arm=SIDEWAYS))
    flat = observations(poses, times(20), camera=CAMERA)[-1]
    assert not flat.gestures.is_spatial.any() and np.isnan(flat.gestures.ray).all()
    wall = DepthImage(np.full((480, 640), 3000, np.uint16), 0.001, 'camera', START)
    found = observations(poses, times(20), camera=CAMERA, depth=wall)[-1]
    assert found.gestures.is_spatial.all()
    wrist, eyes = (found.poses_3d.keypoint_position[0, rows].mean(axis=0) for rows in ([9], [1, 2]))
    np.testing.assert_allclose(found.gestures.ray[0, 0],
                               (wrist - eyes) / np.linalg.norm(wrist - eyes), atol=1e-5)


def test_gestures_know_where_up_is():
    turned = poses_at(rotate_points_back(HAND_UP.xy, 180, 640, 480))
    assert raises_hand(observations(turned, times(20), rotation=180)[-1])
    assert not raises_hand(observations(turned, times(20))[-1])


def test_an_outlying_stamp_changes_no_gesture():
    for outlier in (0, START + 3600 * NANOSECONDS):
        stamps = [*times(20), outlier, *times(2, START + 20 * STEP)]
        found = observations(HAND_UP, stamps)
        assert raises_hand(found[19]) and raises_hand(found[21]) and raises_hand(found[22])


def test_a_clock_that_goes_back_begins_gestures_again():
    found = observations(HAND_UP, times(20) + times(10, START - 500 * NANOSECONDS))
    assert raises_hand(found[19]) and not raises_hand(found[21]) and raises_hand(found[-1])


def test_without_the_parameter_gestures_are_not_even_loaded():
    (found,) = observations(HAND_UP, times(1), Config())
    assert found.gestures is None
    code = ('import sys, numpy as np\n'
            'from movenet_ros.config import Config\n'
            'from movenet_ros.core.observation import *\n'
            'picture = Picture(np.zeros((8, 8, 3), np.uint8))\n'
            'image = ObservedImage(5, "", picture, Poses.empty())\n'
            'for name in ("false", "true"):\n'
            '    config = Config().replace({"gestures.enabled": name == "true"})\n'
            '    observe(ObservationState(), image, config)\n'
            '    print(any(module.startswith("movenet_ros.core.gestures") '
            'for module in sys.modules))\n')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True,
                          cwd=ROOT)
    assert done.stdout.split() == ['False', 'True']


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


def test_who_was_selected_at_an_outlying_stamp_remains_if_the_id_does():
    both = people((100.0, 100.0), (300.0, 300.0))
    both.box[1, 2:] += 100.0
    state, targets = ObservationState(), []
    images = [*steady(5), (FAR_AHEAD[0], SOMEBODY), *steady(5, both, START + 5 * STEP)]
    for number, (stamp_ns, poses) in enumerate(images):
        if number == 5:
            state = select_target(state, Selection(Criterion.LARGEST))
        state, observation = observe(
            state, ObservedImage(stamp_ns, 'camera', PICTURE, poses), Config())
        targets.append(observation.target.id)
    assert targets == [0] * 5 + [1] * 6


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
