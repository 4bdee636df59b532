"""What a page shows: a running node, or a recording."""
from __future__ import annotations

from typing import Literal, Protocol

from movenet_ros.core.target.selection import Selection
from movenet_ros.tools.view.feed import Feed


class Subject(Protocol):
    """What is viewed. The server calls these methods from several threads at a time."""

    @property
    def kind(self) -> Literal['live', 'recording']:
        """Whether it is happening now, or is recorded."""

    @property
    def title(self) -> str:
        """What the page calls it."""

    @property
    def can_select(self) -> bool:
        """Whether `select` may be called."""

    @property
    def duration(self) -> float | None:
        """Of a recording [s]; None if live."""

    def cameras(self) -> tuple[str, ...]:
        """The names of the cameras that can be watched."""

    def feed(self, camera: str) -> Feed:
        """The records of a camera.

        Raises:
            KeyError: There is no such camera.
        """

    def select(self, camera: str, selection: Selection) -> str:
        """Chooses the person to be followed.

        Returns:
            What has been done, in a line for the user.

        Raises:
            MovenetError: It was rejected, or nobody answers.
        """

    def play(self, paused: bool | None, position: float | None) -> None:
        """Pauses or continues a recording, or goes to another place in it.

        Args:
            paused: None leaves this as it is.
            position: Time since its start [s], from 0 to `duration`; None: where it is.

        Raises:
            MovenetError: It cannot.
        """
