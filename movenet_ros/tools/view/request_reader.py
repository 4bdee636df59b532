"""Reads requests from a connection, within limits of time and size."""
from __future__ import annotations

import io
import socket
import time
from http import HTTPStatus
from typing import Any

from movenet_ros.tools.view.request_error import RequestError

REQUEST_SECONDS = 30.0
"""From the end of a request to that of the next: idle connections are closed after this."""
REQUEST_BYTES = 32 * 1024
"""Headers and body; a browser sends less than 2 kB."""


class RequestReader(io.RawIOBase):
    """The bytes that a client sends, as a raw stream.

    A timeout of the socket alone would let a client send a byte from time to time for ever.
    """

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection = connection
        self.begin()

    def begin(self, seconds: float | None = None, size: int = REQUEST_BYTES) -> None:
        """Sets the limits of what follows.

        Args:
            seconds: Time for it, from now on; None: that of a request.
            size: Number of bytes.
        """
        self._deadline = time.monotonic() + (REQUEST_SECONDS if seconds is None else seconds)
        self._left = size

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads what has come, as `io.RawIOBase` says.

        Raises:
            TimeoutError: The request took too long.
            RequestError: It is too large.
        """
        seconds = self._deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        if self._left <= 0:
            raise RequestError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                               f'a request must not exceed {REQUEST_BYTES} bytes', ends=True)
        usual = self._connection.gettimeout()
        self._connection.settimeout(seconds)
        try:
            count = self._connection.recv_into(memoryview(buffer)[:self._left])
        finally:
            self._connection.settimeout(usual)
        self._left -= count
        return count
