"""What follows from the poses of an image and those before: all that is more than 2-D poses.

    poses (published) -> observe -> publications

`observe` is pure, as the pipeline is, and called once for each image whose poses are published;
so live and replay agree. Each part has a frozen state of its own, a field of `ObservationState`.

Time is that of the pipeline, see `core.state`: `ObservationState.time_ns` never goes back, a
restart gives fresh states, and a single outlying stamp is undone. A part need not care.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace

from movenet_ros.config import Config
from movenet_ros.core.events import Event, EventState, all_lost, find_events
from movenet_ros.core.geometry.camera_model import CameraModel
from movenet_ros.core.geometry.depth_image import DepthImage
from movenet_ros.core.geometry.lifting import lift
from movenet_ros.core.geometry.poses_3d import Poses3D
from movenet_ros.core.geometry.smoothing import SmoothingState
from movenet_ros.core.stamps import Course, Stamps, follow_image
from movenet_ros.core.types import Picture, Poses


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
    """

    stamp_ns: int
    frame_id: str
    picture: Picture
    poses: Poses
    camera: CameraModel | None = None
    depth: DepthImage | None = None


@dataclass(frozen=True)
class Observation:
    """What was observed in one image.

    Attributes:
        events: What happened to people, in order.
        poses: The people in it.
        poses_3d: The people in metres; None without a calibration.
    """

    events: tuple[Event, ...] = ()
    poses: Poses = field(default_factory=Poses.empty)
    poses_3d: Poses3D | None = None


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
    """

    stamps: Stamps | None = None
    size: tuple[int, int] = (0, 0)
    before: ObservationState | None = None
    held: tuple[Event, ...] = ()
    events: EventState = field(default_factory=EventState)
    smoothing: SmoothingState = field(default_factory=SmoothingState)

    @property
    def time_ns(self) -> int:
        """The latest stamp of an image [ns]."""
        assert self.stamps is not None
        return self.stamps.latest_ns


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
    known, events = find_events(state.events, image.poses, state.size, state.time_ns,
                                image.stamp_ns, config.tracker.max_age)
    state = replace(state, events=known, held=state.held + events, smoothing=smoothing)
    state, events = _reported(state, image)
    return state, Observation(events=events, poses=image.poses, poses_3d=poses_3d)


def _lifted(state: ObservationState, image: ObservedImage,
            config: Config) -> tuple[SmoothingState, Poses3D | None]:
    if image.camera is None:
        return state.smoothing, None
    return lift(state.smoothing, image.poses, image.camera, image.depth, image.stamp_ns, config)


def _at_image(state: ObservationState, image: ObservedImage,
              config: Config) -> ObservationState:
    """The state when the next image comes, by the pipeline's rule for time."""
    size = (image.picture.width, image.picture.height)
    stamps, course = follow_image(state.stamps, image.stamp_ns, config,
                                  is_same_size=size == state.size)
    before = _before_outlier(state, stamps)
    if course is Course.RESTARTS:
        lost = state.held + all_lost(state.events, image.stamp_ns)
        return ObservationState(stamps, size, before, lost)
    if course is Course.RETURNS:
        assert state.before is not None
        state = state.before
    return replace(state, stamps=stamps, before=before)


def _before_outlier(state: ObservationState, stamps: Stamps) -> ObservationState | None:
    """The state to return to if the new stamp, or the same one before it, is an outlier."""
    if stamps.before is None:
        return None
    if state.stamps and stamps.before is state.stamps.before:
        return state.before
    return replace(state, before=None)


def _reported(state: ObservationState,
              image: ObservedImage) -> tuple[ObservationState, tuple[Event, ...]]:
    """The events that are due; those since a stamp that may be an outlier wait."""
    if state.before is not None:
        return state, ()
    return (replace(state, held=()),
            tuple(replace(event, stamp_ns=image.stamp_ns) for event in state.held))
