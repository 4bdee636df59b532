"""What the schedulers have in common."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from movenet_ros.core.inference import Inference
from movenet_ros.images.cdr import ImageMessage

Finish = Callable[[float], None]
"""What is left to do when an image's poses are published; given the time of the networks [s]."""


@dataclass(frozen=True, eq=False)
class ReceivedImage:
    """An image to be processed.

    Attributes:
        message: As it was received.
        received: When, on a steady clock [s].
        clock_ns: The same by the node's clock, 0 if that has no time yet [ns].
    """

    message: ImageMessage
    received: float
    clock_ns: int


class ImageProcessor(Protocol):
    """Whose images a scheduler schedules: a camera."""

    def process(self, image: ReceivedImage) -> Inference[Finish]:
        """Processes an image and publishes its poses; raises nothing, whatever goes wrong."""

    def skip(self) -> None:
        """Called instead of `process` for an image that a newer one replaces."""


class Scheduler(Protocol):
    """Decides when images are processed; called from the executor's thread."""

    def submit(self, camera: ImageProcessor, image: ReceivedImage) -> None:
        """Takes an image, to process it now or later.

        An image that waits is skipped when a newer one of its camera is submitted. A camera that
        has several images in the time of one takes no other camera's turn.
        """

    def close(self) -> None:
        """Waits for the networks, and drops the images that are not processed yet."""
