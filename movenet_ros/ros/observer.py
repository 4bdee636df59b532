"""One of the node's cameras: what follows from its poses, after these are published."""
from __future__ import annotations

import traceback
from collections.abc import Sequence

from rclpy.node import Node

from movenet_ros.config import Config
from movenet_ros.core.observation import (
    Observation,
    ObservationState,
    ObservedImage,
    observe,
    select_target,
)
from movenet_ros.core.target.selection import Selection
from movenet_ros.messages.published_image import PublishedImage
from movenet_ros.ros.publications.publication import Publication


class Observer:
    """Observes the images of one camera, from an activation to its end."""

    def __init__(self, node: Node, topic: str, publications: Sequence[Publication]) -> None:
        """Begins with a fresh state.

        Args:
            node: Its logger.
            topic: Of the images, for the log.
            publications: They publish what was observed.
        """
        self._node, self._topic, self._publications = node, topic, publications
        self._state = ObservationState()
        self._failed: set[str] = set()

    @property
    def target(self) -> int:
        """Id of the chosen person in the image that was observed last; 0 if there is none."""
        return 0 if self._state.target is None else self._state.target.latest.id

    def select(self, selection: Selection) -> None:
        """Makes somebody else the target, from the next image on."""
        self._state = select_target(self._state, selection)

    def observe(self, image: PublishedImage, observed: ObservedImage, config: Config) -> None:
        """Observes an image, and publishes what was observed.

        What fails is logged once, and harms nothing else; nothing is raised.

        Args:
            image: As its poses were published.
            observed: The image itself.
            config: All parameters.
        """
        observation = Observation()
        try:
            self._state, observation = observe(self._state, observed, config)
        except Exception as error:
            self._log_failure('observing', error)
            return
        for publication in self._publications:
            try:
                publication.publish(image, observation)
            except Exception as error:
                self._log_failure(type(publication).__name__, error)

    def _log_failure(self, what: str, error: Exception) -> None:
        if what not in self._failed:
            self._failed.add(what)
            details = ''.join(traceback.format_exception(error))
            self._node.get_logger().error(
                f'{what} of an image from {self._topic} failed (its poses are published; '
                f'this is logged once): {details}')
