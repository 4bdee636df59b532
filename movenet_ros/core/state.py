"""What is remembered of a camera between two images, and what every pipeline does with it.

One rule for time, by header stamps alone:

- A later stamp is the normal case. Tracks age by the seconds that have passed; after
  more than `filter.max_gap` the filter starts again.
- The same stamp again: people are followed as if no time had passed, and keypoints
  are published unfiltered, as no speed can be computed; filters wait for a later stamp.
- A stamp at most `max_lateness` earlier than the latest: the image came late, and is
  processed like one with the latest stamp. Time does not go back: no age falls, no track is
  forgotten, and `State.time_ns` remains the latest. Speeds are taken between the images'
  own stamps, so that they do not rise when positions from the past come in between.
- A stamp that is earlier by more (a recording that loops, a clock that was set back), or
  another image size: everything starts again, but no id is given out twice. The same holds
  where a recording loops that is shorter than `max_lateness`: at a stamp not later than the
  earliest, and when late images in a row, none on time in between, cover more than that
  time.
- A single outlying stamp (a driver that sometimes gives 0, a glitch of a clock, an old image
  sent a second time) is undone with the next image. An image with a stamp that starts
  everything again, or that is later than the latest by more than `max_lateness`, is processed
  by the rules above; but if the next other stamp shows that it was an outlier, the pipeline
  continues from the state before it, so people have their ids again. That is so if the next
  stamp is later than the latest before the outlier, and the outlier was either earlier than
  that, or is later than the next by more than `max_lateness`. So a recording that loops is not
  undone, as it continues with stamps that are earlier than that; nor is a pause, after which
  they are later; nor a clock that was set back, unless by less than the time between two images.

So of two streams that are mixed, one up to `max_lateness` behind the other, the stream
that is ahead makes the time; when it ends, the other one catches up and takes over.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.one_euro import FilterState, one_euro
from movenet_ros.core.refined.limb_colors import LimbColors
from movenet_ros.core.stamps import Course, Stamps, before_outlier, follow_image
from movenet_ros.core.tracker import Track, Tracks, track
from movenet_ros.core.types import NANOSECONDS, Crop, Detections, Poses
from movenet_ros.core.velocity import Motion, follow_motions
from movenet_ros.core.visibility import truncated, visible


@dataclass(frozen=True, eq=False)
class Origin:
    """A person when the box that holds them was last taken from a detection.

    Attributes:
        box: float64 [4], that box, image-normalised.
        xy: float64 [17,2], their smoothed keypoints then, image-normalised.
        keypoint_score: float64 [17].
    """

    box: NDArray[np.float64]
    xy: NDArray[np.float64]
    keypoint_score: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RefinedPerson:
    """A person that a second network reads from a crop of their own.

    Attributes:
        box: float64 [4], the box that holds them: as MultiPose detected it, moved along with
            their keypoints since; image-normalised.
        detection_score: MultiPose's score when it last detected them.
        colors: Of their limbs, when they were first detected, and since then whenever they
            overlapped nobody.
        origin: What `box` is moved from.
    """

    box: NDArray[np.float64]
    detection_score: float
    colors: LimbColors
    origin: Origin


@dataclass(frozen=True)
class State:
    """What the pipeline remembers of one camera; `State()` is a reset.

    Attributes:
        time_ns: The latest stamp of an image, if there was one [ns].
        size: Width and height of the last image [px].
        crop: The part of the next image that is the input of a single-person network [px];
            None while no person is tracked.
        crop_id: Id of the person that the crop follows.
        tracks: The people tracked before.
        filters: The filter of each person, by id.
        motions: How each person moves, by id.
        refined: With `refine`: the people who are read from crops of their own, by id.
        detected_ns: With `refine`: time of the last image that MultiPose was run on; None if it
            is to be run on the next one [ns].
        stamps: How the images' stamps have come in.
        before: The state before the last stamp, while that may be an outlier, see `Stamps`.
    """

    time_ns: int | None = None
    size: tuple[int, int] = (0, 0)
    crop: Crop | None = None
    crop_id: int | None = None
    tracks: Tracks = Tracks()
    filters: Mapping[int, FilterState] = field(default_factory=dict)
    motions: Mapping[int, Motion] = field(default_factory=dict)
    refined: Mapping[int, RefinedPerson] = field(default_factory=dict)
    detected_ns: int | None = None
    stamps: Stamps | None = None
    before: State | None = None

    @property
    def stamp_ns(self) -> int:
        """The last image's own stamp [ns]: earlier than `time_ns` if it came late."""
        assert self.stamps is not None
        return self.stamps.last_ns


def at_image(state: State, stamp_ns: int, size: tuple[int, int], config: Config) -> State:
    """The state when the next image comes, by the rule for time above.

    Args:
        state: After the image before.
        stamp_ns: Stamp of the image [ns].
        size: Width and height of the image [px].
        config: All parameters.
    """
    stamps, course = follow_image(
        state.stamps, stamp_ns, config, is_same_size=size == state.size)
    before = before_outlier(state, stamps)
    if course is Course.RESTARTS:
        return State(stamp_ns, size, tracks=Tracks(next_id=state.tracks.next_id), stamps=stamps,
                     before=before)
    if course is Course.RETURNS:
        assert state.before is not None
        tracks = replace(state.before.tracks, next_id=state.tracks.next_id)
        state = replace(state.before, tracks=tracks)
    # While the clock is paused, no time passes until people are to be detected again.
    detected = None if stamp_ns == state.time_ns else state.detected_ns
    return replace(state, time_ns=stamps.latest_ns, stamps=stamps, detected_ns=detected,
                   before=before)


@dataclass(frozen=True, eq=False)
class TrackedPeople:
    """The people of one image, tracked and smoothed.

    Attributes:
        detections: As the networks gave them, N people, image-normalised.
        tracks: The track of each.
        xy: float64 [N,17,2], smoothed keypoints, image-normalised.
        velocity: float64 [N,2], of each person, low-passed [image size/s].
    """

    detections: Detections
    tracks: tuple[Track, ...]
    xy: NDArray[np.float64]
    velocity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.tracks)

    def take(self, rows: Sequence[int] | NDArray[np.intp]) -> TrackedPeople:
        """Those of these rows, in their order."""
        chosen = np.asarray(rows, np.intp)
        return TrackedPeople(self.detections.take(rows), tuple(self.tracks[row] for row in rows),
                             self.xy[chosen], self.velocity[chosen])


def track_and_smooth(state: State, people: Detections, config: Config,
                     owners: Sequence[int | None] = (), *,
                     velocity_by_keypoints: bool = False) -> tuple[State, TrackedPeople]:
    """Gives each person of an image a track, and smooths their keypoints.

    Args:
        state: When the image came, see `at_image`.
        people: N people, image-normalised.
        config: All parameters.
        owners: See `tracker.track`.
        velocity_by_keypoints: See `tracker.track`.

    Returns:
        The state with their tracks, filters and motions, and the people.
    """
    assert state.time_ns is not None
    tracks, current = track(
        state.tracks, people, state.time_ns, config.tracker, owners, state.stamp_ns,
        velocity_by_keypoints=velocity_by_keypoints)
    known = {t.id for t in tracks.tracks}
    filters = {number: kept for number, kept in state.filters.items() if number in known}
    xy = people.xy
    if config.filter.enabled:
        xy, updated = _smooth(filters, current, people.xy, state.time_ns, config)
        filters.update(updated)
    else:
        filters = {}
    ids = [t.id for t in current]
    motions = {number: kept for number, kept in state.motions.items() if number in known}
    motions |= follow_motions(motions, ids, people, xy, state.stamp_ns)
    velocity = np.array([motions[number].velocity for number in ids]).reshape(-1, 2)
    return (replace(state, tracks=tracks, filters=filters, motions=motions),
            TrackedPeople(people, current, xy, velocity))


def _smooth(filters: Mapping[int, FilterState], current: Sequence[Track],
            xy: NDArray[np.float64], time_ns: int,
            config: Config) -> tuple[NDArray[np.float64], dict[int, FilterState]]:
    smoothed, updated = xy.copy(), {}
    for row, person in enumerate(current):
        before = filters.get(person.id)
        latest = 0 if config.tfjs.time else None
        if before is not None:
            latest = before.stamp_ns
        if latest is not None and time_ns <= latest:
            continue
        updated[person.id] = one_euro(before, person.xy, time_ns, config.filter)
        smoothed[row] = updated[person.id].smoothed
    return smoothed, updated


def to_poses(state: State, people: TrackedPeople, network: str) -> Poses:
    """The poses of tracked people, in their order; from image-normalised coordinates to pixels.

    Args:
        state: After this image.
        people: Those to be published.
        network: Name of the one that read their keypoints.
    """
    assert state.time_ns is not None
    detections, tracks = people.detections, people.tracks
    box = np.minimum(np.maximum(detections.box, 0.0), 1.0)
    return Poses(
        xy=(people.xy * state.size).astype(np.float32),
        keypoint_score=detections.keypoint_score.astype(np.float32),
        box=(box * (state.size + state.size)).astype(np.float32),
        score=detections.score.astype(np.float32),
        id=np.array([t.id for t in tracks], np.int32),
        age=np.array([(state.time_ns - t.born_ns) / NANOSECONDS for t in tracks], np.float32),
        visible=visible(people.xy, detections.keypoint_score, network),
        velocity=(people.velocity * state.size).astype(np.float32),
        truncated=truncated(box),
        time_unseen=np.array([t.unseen_ns / NANOSECONDS for t in tracks], np.float32))
