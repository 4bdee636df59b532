"""What must hold however images and depth come in: see properties.py."""
import functools
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st
from support.dressed import BLUE, GREEN, RED, SIZE, picture, standing

from movenet_ros.config import Config
from movenet_ros.core.events import EventKind
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.pairing import (
    LARGEST_OFFSET,
    MOST_DEPTHS,
    MOST_WAITING,
    Outcome,
    Pairing,
)
from movenet_ros.core.observation import ObservationState, ObservedImage, observe, select_target
from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.core.target.target import Origin, Status
from movenet_ros.core.types import Picture

MS = 1_000_000
START = 1000 * 1000 * MS
STEPS = st.one_of(st.integers(1, 120), st.sampled_from((0, 33, 33, 33, 100, -20, -600, 700)),
                  st.sampled_from((-2_000, 5_000, -10**6, 10**9)))
"""From a stamp to the next [ms]: mostly on, sometimes none, late, back or far ahead."""


@st.composite
def arrivals(draw):
    """Kinds and stamps, of both streams in any order."""
    now, events = {'pose': START, 'depth': START}, []
    for kind in draw(st.lists(st.sampled_from(('pose', 'depth')), max_size=80)):
        now[kind] = max(0, now[kind] + draw(STEPS) * MS)
        events.append((kind, 0 if draw(st.integers(0, 30)) == 30 else now[kind]))
    return events


def paired(events):
    """What a pairing gives out, until nothing is left."""
    pairing, given = Pairing(), []
    for number, (kind, stamp) in enumerate(events):
        add = pairing.add_poses if kind == 'pose' else pairing.add_depth
        pairing, more = add((number, stamp), stamp)
        given += more
        assert len(pairing.waiting) <= MOST_WAITING
        assert len(pairing.depths) <= MOST_DEPTHS
    return [*given, *pairing.rest()]


def pairing(events):
    """Poses come out once, in order, with depth that is near, and as they say."""
    given = paired(events)
    assert [each.item for each in given] == [
        (number, stamp) for number, (kind, stamp) in enumerate(events) if kind == 'pose']
    for each in given:
        assert (each.depth is not None) == (each.outcome in (Outcome.EQUAL, Outcome.NEAR))
        if each.depth is not None:
            offset = abs(each.depth[1] - each.stamp_ns)
            assert offset <= LARGEST_OFFSET
            assert (offset == 0) == (each.outcome is Outcome.EQUAL)


@st.composite
def delayed_streams(draw):
    """Stamps of two streams, and by how much each message comes later than its stamp [ms]."""
    streams = []
    for shortest, longest in ((10, 120), (10, 90)):
        steps = draw(st.lists(st.integers(shortest, longest), min_size=2, max_size=30))
        delays = draw(st.lists(st.integers(0, 140), min_size=len(steps), max_size=len(steps)))
        streams.append((np.cumsum(steps).tolist(), delays))
    return streams


def order_of_arrival(streams):
    """Pairs do not depend on what comes first, where nothing is later than it may be."""
    events, undelayed = [], []
    for kind, (stamps, delays) in zip(('pose', 'depth'), streams, strict=True):
        # Each stream in its order.
        arrival = np.maximum.accumulate(np.add(stamps, delays)).tolist()
        events += [(at, kind, stamp) for at, stamp in zip(arrival, stamps, strict=True)]
        undelayed += [(stamp, kind, stamp) for stamp in stamps]
    # Depth goes on for longer than images.
    end = min(streams[0][0][-1], streams[1][0][-1])
    results = [[(each.stamp_ns, each.depth and each.depth[1])
                for each in paired([(kind, START + stamp * MS) for _, kind, stamp in sorted(some)])
                if each.stamp_ns <= START + (end - 150) * MS] for some in (events, undelayed)]
    assert results[0] == results[1]


PLACES = ((120, 100), (330, 100), (540, 100))


@functools.cache
def room(first):
    """People in three places, and their picture; the shirts change places with `first`."""
    colors = (RED, BLUE, GREEN)
    return picture(standing(*PLACES), colors[first:] + colors[:first])


@functools.cache
def camera():
    k = (525.0, 0.0, 319.5, 0.0, 525.0, 239.5, 0.0, 0.0, 1.0)
    return CameraModel(frame_id='camera', width=SIZE[0], height=SIZE[1],
                       distortion_model='plumb_bob', d=(), k=k, r=tuple(np.eye(3).ravel()),
                       p=(*k[:3], 0.0, *k[3:6], 0.0, *k[6:], 0.0))


SMALL = Picture(np.zeros((24, 32, 3), np.uint8))
ids = st.lists(st.integers(1, 6), max_size=3, unique=True)
selections = st.builds(
    Selection, st.sampled_from(Criterion), st.integers(0, 6), st.floats(-1e9, 1e9),
    st.floats(-1e9, 1e9))
depths = st.sampled_from((None, 0, 2000, 65535))
shown = st.tuples(STEPS, ids, st.integers(0, 2), depths, st.none() | selections,
                  st.integers(1, 12), st.integers(0, 40))
"""Step to the stamp, who is there, shirts, depth [mm], selection, for how many images, oddity."""


def images(script):
    """The images of a script, each with the selection before it."""
    now = START
    for step, who, shirts, depth, selection, count, oddity in script:
        for number in range(count):
            now = max(0, now + (step if number == 0 else 100) * MS)
            poses = standing(*PLACES[:len(who)], ids=who)
            image = ObservedImage(0 if oddity == 40 else now, 'camera', room(shirts), poses)
            if oddity == 39:
                image = replace(image, picture=SMALL)
            elif depth is not None:
                pixels = np.full(SIZE[::-1], depth, np.uint16)
                image = replace(image, camera=camera(), depth=DepthImage(
                    pixels, 0.001, 'camera', now))
            yield image, selection if number == 0 else None


def observations(script, parameters):
    """The life of each id is in order, and the target is who it should be."""
    config, state, alive = Config().replace(parameters), ObservationState(), set()
    before, companions = None, set()
    for image, selection in images(script):
        if selection is not None:
            state, before, companions = select_target(state, selection), None, set()
        if state.before is not None:
            # Who was chosen in an image with an outlying stamp may be chosen again.
            before = None
        state, observation = observe(state, image, config)
        for event in observation.events:
            assert (event.id in alive) == (event.kind is not EventKind.APPEARED)
            assert event.time_unseen >= 0
            if event.kind is not EventKind.RETURNED:
                alive ^= {event.id}
        assert set(image.poses.id.tolist()) <= observation.known
        check_target(observation.target, before, image.poses, companions)
        before = observation.target
        if before.status is Status.TRACKED:
            companions |= set(image.poses.id.tolist()) - {before.id}
        if before.status is Status.LOST:
            companions = set()


def check_target(target, before, poses, companions):
    """A target that is tracked is in the image, and changes only to somebody who was not."""
    assert (target.row is not None) == (target.status is Status.TRACKED)
    assert target.time_unseen >= 0 and 0 <= target.confidence <= 1.001
    if target.row is not None:
        assert poses.id[target.row] == target.id == target.pose.id[0]
        if before is not None and before.id not in (0, target.id):
            assert target.origin is Origin.REIDENTIFIED
            assert target.id not in companions
            assert before.id not in poses.id


PROPERTIES = {
    'pairing': (pairing, {'events': arrivals()}),
    'order of arrival': (order_of_arrival, {'streams': delayed_streams()}),
    'observations': (observations, {
        'script': st.lists(shown, max_size=12),
        'parameters': st.fixed_dictionaries({
            'target.select': st.sampled_from(('none', 'nearest', 'largest', 'central')),
            'target.search_time': st.sampled_from((0.0, 2.0, 90.0)),
            'tfjs.time': st.booleans()})}),
}
