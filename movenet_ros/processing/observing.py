"""What follows from the poses of a recording, image by image, as in the node."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from movenet_ros.config import Config
from movenet_ros.core.observation import ObservationState, ObservedImage, observe
from movenet_ros.errors import ImageError
from movenet_ros.files.bags.bag import RawMessage
from movenet_ros.files.bags.geometry import GeometryTopics
from movenet_ros.files.sinks import Result
from movenet_ros.images.camera_info import CAMERA_INFO
from movenet_ros.images.geometry_inputs import GeometryInputs, LocatedImage, Problem
from movenet_ros.processing.tally import Tally

NOWHERE = GeometryTopics('', None, None)


class Observing:
    """Observes the results of a recording, with the calibration and the depth that it holds.

    Attributes:
        topics: Where calibration and depth are in the recording.
    """

    def __init__(self, config: Config, tally: Tally, topics: GeometryTopics = NOWHERE) -> None:
        """Begins with a fresh state.

        Args:
            config: All parameters.
            tally: Counts the images that had no calibration or no depth although the recording
                has such messages.
            topics: Where calibration and depth are in the recording.

        Raises:
            ParameterError: `rotate` holds several values.
        """
        self.topics, self._tally = topics, tally
        self._config, self._rotation = config, config.rotation()
        self._inputs: GeometryInputs[Result] = GeometryInputs(topics.image, topics.depth_kind)
        self._state = ObservationState()

    @property
    def is_waiting(self) -> bool:
        """Whether a result waits for depth."""
        return self._inputs.is_waiting

    def add(self, result: Result) -> Iterator[Result]:
        """Takes a result; gives those that are observed now, in order."""
        image = ObservedImage(result.stamp_ns, result.frame_id, result.picture, result.poses,
                              rotation=self._rotation)
        return self._observed(self._inputs.add_image(result, image))

    def add_message(self, message: RawMessage) -> Iterator[Result]:
        """Takes a camera_info or a depth image; gives the results that are observed now."""
        if message.msgtype == CAMERA_INFO:
            self._inputs.add_camera_info(message.data)
            return iter(())
        try:
            return self._observed(self._inputs.add_depth(message.data))
        except ImageError as error:
            self._tally.add_unlocated(Problem(error.cause, str(error)), message.receive_ns)
            return iter(())

    def rest(self) -> Iterator[Result]:
        """The results that still wait for depth, when no more messages come."""
        return self._observed(self._inputs.rest())

    def _observed(self, images: Iterable[LocatedImage[Result]]) -> Iterator[Result]:
        for located in images:
            problem = located.uncalibrated if self.topics.camera_info else None
            if problem := problem or located.without_depth:
                self._tally.add_unlocated(problem, located.image.stamp_ns)
            self._state, observation = observe(self._state, located.image, self._config)
            yield replace(located.token, observation=observation)
