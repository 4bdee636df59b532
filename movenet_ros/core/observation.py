"""What follows from the poses of an image and those before: all that is more than 2-D poses.

    poses (published) -> observe -> publications

`observe` is pure, as the pipeline is, and called once for each image whose poses are published;
so live and replay agree. Each part has a frozen state of its own, a field of `ObservationState`.

Time is that of the pipeline, see `core.state`: `ObservationState.time_ns` never goes back, a
restart gives fresh states, and a single outlying stamp is undone. A part need not care.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from movenet_ros.config import Config
from movenet_ros.core.events import Event, EventState, all_lost, find_events
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.lifting import lift
from movenet_ros.core.geometry.poses_3d import Poses3D
from movenet_ros.core.geometry.smoothing import SmoothingState
from movenet_ros.core.stamps import Course, Stamps, before_outlier, follow_image
from movenet_ros.core.target.position import target_position
from movenet_ros.core.target.selection import Selection
from movenet_ros.core.target.target import Target, TargetState, initial_state, select, update
from movenet_ros.core.types import Picture, Poses

if TYPE_CHECKING:
    from movenet_ros.core.gestures.gesture import Gestures
    from movenet_ros.core.gestures.recognition import GestureState


@dataclass(frozen=True, eq=False)
class ObservedImage:
    """An image whose poses have been published.

    Attributes:
        stamp_ns: Its header stamp [ns].
        frame_id: The camera's frame.
        picture: The image itself.
        poses: The people in it.
        camera: Its calibration, if known.
        depth: The depth image that belongs to it, if there is one.
        rotation: By how many degrees clockwise it has to be rotated to be upright.
    """

    stamp_ns: int
    frame_id: str
    picture: Picture
    poses: Poses
    camera: CameraModel | None = None
    depth: DepthImage | None = None
    rotation: int = 0


@dataclass(frozen=True)
class Observation:
    """What was observed in one image.

    Attributes:
        events: What happened to people, in order.
        poses: The people in it.
        known: Ids of the people in it, and of those who may come back.
        poses_3d: The people in metres; None without a calibration.
        target: The chosen person.
        target_position: float64 [3], of the target in this image, in the optical frame [m]; None
            where it is not known.
        gestures: What they do; None without `gestures.enabled`.
    """

    events: tuple[Event, ...] = ()
    poses: Poses = field(default_factory=Poses.empty)
    known: frozenset[int] = frozenset()
    poses_3d: Poses3D | None = None
    target: Target = field(default_factory=Target)
    target_position: NDArray[np.float64] | None = None
    gestures: Gestures | None = None


@dataclass(frozen=True)
class ObservationState:
    """What is remembered of one camera between two images; `ObservationState()` is a reset.

    Attributes:
        stamps: How the images' stamps have come in.
        size: Width and height of the last image [px].
        before: The state before the last stamp, while that may be an outlier, see `Stamps`.
        held: Events that are reported with the next image, unless the last stamp was an outlier.
        events: Who is known.
        smoothing: Filters of the people in metres.
        target: The chosen person; None before the first image. Has a clock of its own, and
            survives a restart: the same person is looked for.
        gestures: What people have done; None before it is first asked for.
    """

    stamps: Stamps | None = None
    size: tuple[int, int] = (0, 0)
    before: ObservationState | None = None
    held: tuple[Event, ...] = ()
    events: EventState = field(default_factory=EventState)
    smoothing: SmoothingState = field(default_factory=SmoothingState)
    target: TargetState | None = None
    gestures: GestureState | None = None

    @property
    def time_ns(self) -> int:
        """The latest stamp of an image [ns]."""
        assert self.stamps is not None
        return self.stamps.latest_ns

    @property
    def known(self) -> frozenset[int]:
        """Ids of all who are known, also before a stamp that may be an outlier."""
        earlier = frozenset() if self.before is None else self.before.known
        return earlier.union(self.events.people)


def observe(state: ObservationState, image: ObservedImage,
            config: Config) -> tuple[ObservationState, Observation]:
    """Observes one image.

    Args:
        state: After the image before; `ObservationState()` at the start.
        image: The image.
        config: All parameters.

    Returns:
        The state after this image, and what was observed.
    """
    state = _at_image(state, image, config)
    smoothing, poses_3d = _lifted(state, image, config)
    acting, gestures = _recognised(state, image, poses_3d, config)
    known, events = find_events(state.events, image.poses, state.size, state.time_ns,
                                image.stamp_ns, config.tracker.max_age)
    following, target, position = _target(state, image, poses_3d, config)
    state = replace(state, events=known, held=state.held + events, smoothing=smoothing,
                    target=following, gestures=acting)
    state, events = _reported(state, image)
    return state, Observation(events, image.poses, state.known, poses_3d, target, position,
                              gestures)


def select_target(state: ObservationState, selection: Selection) -> ObservationState:
    """The state after another target was asked for; the next image decides who it is."""
    before = None if state.before is None else select_target(state.before, selection)
    return replace(state, target=select(state.target or TargetState(), selection), before=before)


def _target(state: ObservationState, image: ObservedImage, poses_3d: Poses3D | None,
            config: Config) -> tuple[TargetState, Target, NDArray[np.float64] | None]:
    following, target = update(
        state.target or initial_state(config), image.picture, image.poses, image.stamp_ns,
        None if poses_3d is None else poses_3d.distance, config)
    if target.row is None:
        return following, target, None
    return following, target, target_position(
        target.row, image.poses, poses_3d, image.camera, config.target, image.rotation)


def _lifted(state: ObservationState, image: ObservedImage,
            config: Config) -> tuple[SmoothingState, Poses3D | None]:
    if image.camera is None:
        return state.smoothing, None
    return lift(state.smoothing, image.poses, image.camera, image.depth, image.stamp_ns, config)


def _recognised(state: ObservationState, image: ObservedImage, poses_3d: Poses3D | None,
                config: Config) -> tuple[GestureState | None, Gestures | None]:
    if not config.gestures.enabled:
        return None, None
    # Most have no use for it, and do not load it.
    from movenet_ros.core.gestures import recognition as gestures
    return gestures.update(
        state.gestures or gestures.GestureState(), image.poses, image.stamp_ns,
        None if poses_3d is None else poses_3d.keypoint_position, degrees=image.rotation,
        settings=gestures.GestureSettings(max_lateness=config.max_lateness))


def _at_image(state: ObservationState, image: ObservedImage,
              config: Config) -> ObservationState:
    """The state when the next image comes, by the pipeline's rule for time."""
    size = (image.picture.width, image.picture.height)
    stamps, course = follow_image(state.stamps, image.stamp_ns, config,
                                  is_same_size=size == state.size)
    before = before_outlier(state, stamps)
    if course is Course.RESTARTS:
        lost = state.held + all_lost(state.events, image.stamp_ns)
        return ObservationState(stamps, size, before, lost, target=state.target)
    if course is Course.RETURNS:
        assert state.before is not None
        state = replace(state.before, target=_target_after_outlier(state, image.poses))
    return replace(state, stamps=stamps, before=before)


def _target_after_outlier(state: ObservationState, poses: Poses) -> TargetState | None:
    """That of before the outlier, unless the person chosen since is there: no id is reused."""
    assert state.before is not None
    chosen = state.target
    if chosen is not None and chosen.latest.row is not None and chosen.latest.id in poses.id:
        return chosen
    return state.before.target


def _reported(state: ObservationState,
              image: ObservedImage) -> tuple[ObservationState, tuple[Event, ...]]:
    """The events that are due; those since a stamp that may be an outlier wait."""
    if state.before is not None or not state.held:
        return state, ()
    return (replace(state, held=()),
            tuple(replace(event, stamp_ns=image.stamp_ns) for event in state.held))
