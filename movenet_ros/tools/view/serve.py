"""Serves the page until SIGINT or SIGTERM."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from movenet_ros.ros.signals import StopRequest
from movenet_ros.tools.view.server import ViewServer

if TYPE_CHECKING:
    from movenet_ros.tools.view.recording import RecordingSubject

LONGEST_WAIT = 3600.0  # s
MOST_UNUSED = 16 * 2**20
"""Memory for images that is kept while none is there [bytes]."""


@dataclass(frozen=True)
class ServerOptions:
    """Where the page is.

    Attributes:
        host: Name or address to listen at.
        port: TCP port; 0: any that is free.
        token: What is asked for; None: one is made where other machines reach the page.
    """

    host: str
    port: int
    token: str | None = None


def serve_node(owner: str, options: ServerOptions, show_url: Callable[[str], None]) -> None:
    """Shows a running node.

    Args:
        owner: Full name of the node; it need not run yet.
        options: Where the page is.
        show_url: Called with the page's address.

    Raises:
        ParameterError: The server cannot listen there.
        KeyboardInterrupt: It was asked to stop before the page was there.
    """
    # Imported late: recordings are shown without ROS.
    import rclpy
    from rclpy.signals import SignalHandlerOptions

    from movenet_ros.ros.memory import keep_image_memory
    from movenet_ros.tools.view.live import LiveSubject
    with StopRequest() as stop:
        keep_image_memory(MOST_UNUSED)
        rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
        try:
            with LiveSubject(owner) as subject, ViewServer(
                    subject, options.host, options.port, options.token) as server:
                _begin(stop, server, show_url)
                stop.call(subject.wake)
                subject.run(lambda: stop.requested)
        finally:
            rclpy.try_shutdown()


def serve_recording(recording: RecordingSubject, options: ServerOptions,
                    show_url: Callable[[str], None]) -> None:
    """Plays a recording, and shows it.

    Args:
        recording: The recording, opened.
        options: Where the page is.
        show_url: Called with the page's address.

    Raises:
        ParameterError: The server cannot listen there.
        KeyboardInterrupt: It was asked to stop before the page was there.
    """
    # The playing ends within the StopRequest, which ends the process where a file hangs.
    with StopRequest() as stop, recording.playing(), ViewServer(
            recording, options.host, options.port, options.token) as server:
        _begin(stop, server, show_url)
        while not stop.wait(LONGEST_WAIT):
            pass


def _begin(stop: StopRequest, server: ViewServer, show_url: Callable[[str], None]) -> None:
    if stop.requested:
        # as while it starts: there was no page
        raise KeyboardInterrupt
    show_url(server.url)
