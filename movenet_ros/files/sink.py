"""The base of all outputs: a sink, which takes the result of each image."""
from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from types import TracebackType

from movenet_ros.core.observation import Observation
from movenet_ros.core.types import Picture, Poses
from movenet_ros.images.cdr import ImageMessage


@dataclass(frozen=True, eq=False)
class Result:
    """The people in one image.

    Attributes:
        stamp_ns: Stamp of the image [ns].
        frame_id: The camera's frame.
        sequence: Counts the results of a run, from 0.
        model: lightning, thunder or multipose.
        picture: The image itself.
        poses: The people found in it.
        receive_ns: When the image was received [ns]; None where it was not: it counts as
            received at its stamp.
        observation: What follows from the poses of this image and those before.
        message: The image as it was sent; None where it was no message.
    """

    stamp_ns: int
    frame_id: str
    sequence: int
    model: str
    picture: Picture
    poses: Poses
    receive_ns: int | None = None
    observation: Observation = field(default_factory=Observation)
    message: ImageMessage | None = field(default=None, repr=False)


class Sink(ABC):
    """Takes results and makes a file of them.

    Nothing has the file's name until the context is left. Then it is there, whole: also when
    the processing was interrupted or failed half way, for what was written until then is
    right. It is not there, and what was there before still is, when nothing was written
    before the failure, or when writing itself failed.

    Attributes:
        notes: What the user should know of how it is written.
    """

    def __init__(self) -> None:
        self.notes: tuple[str, ...] = ()
        self._written = 0
        self._failed = False

    def write(self, result: Result) -> None:
        """Takes one result.

        Raises:
            SinkError: It cannot be written; the sink is then of no more use.
        """
        try:
            self._write(result)
        except BaseException:
            self._failed = True
            raise
        self._written += 1

    @abstractmethod
    def _write(self, result: Result) -> None:
        """Takes one result."""

    @abstractmethod
    def _finish(self) -> None:
        """Completes the file and gives it its name."""

    @abstractmethod
    def _discard(self) -> None:
        """Leaves nothing behind."""

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        try:
            if not self._failed and (error is None or self._written):
                self._finish()
        finally:
            self._discard()
