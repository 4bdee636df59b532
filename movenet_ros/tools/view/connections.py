"""Accepts the connections of the server of `movenet view`, and ends them."""
from __future__ import annotations

import contextlib
import errno
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from typing import Any

from movenet_ros.errors import MovenetError, ParameterError
from movenet_ros.tools.view.access import access_to
from movenet_ros.tools.view.subject import Subject

CLOSE_SECONDS = 0.35
NOT_OURS = 'must be a name or address of this machine; 0.0.0.0 is all its addresses'
HEADERS = {
    'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer', 'Cross-Origin-Resource-Policy': 'same-origin'}
TOO_MANY = b''.join((
    b'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: application/json\r\n',
    *(f'{name}: {value}\r\n'.encode() for name, value in HEADERS.items()),
    b'\r\n{"error": "too many connections"}'))


class ConnectionServer(socketserver.ThreadingTCPServer):
    """Accepts connections, each in a thread, up to a number.

    Attributes:
        subject: What is viewed.
        access: Who may ask.
        closing: Set when all is to end.
        most_connections: At a time; each has a thread.
        most_streams: How many of them may be streams.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 32
    most_connections = 64
    most_streams = 16

    def __init__(self, handler: type[socketserver.BaseRequestHandler], subject: Subject, host: str,
                 port: int, token: str | None) -> None:
        """Listens, from now on.

        Args:
            handler: Answers the requests of a connection.
            subject: What is viewed.
            host: As in `ViewServer`.
            port: As there.
            token: As there.

        Raises:
            ParameterError: It cannot, there.
        """
        self.subject = subject
        self.closing = threading.Event()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._streams = 0
        self._lock = threading.Lock()
        self.address_family, address = _resolved(host, port)
        try:
            super().__init__(address, handler)
        except OSError as error:
            raise _bind_error(error, host, port) from None
        try:
            self.access = access_to(host, *self.server_address[:2], token)  # type: ignore[arg-type]
        except MovenetError:
            self.server_close()
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Starts the thread of a connection."""
        with self._lock:
            has_room = len(self._connections) < self.most_connections and not self.closing.is_set()
            if has_room:
                thread = threading.Thread(
                    target=self.process_request_thread, args=(request, client_address),
                    name='view connection', daemon=True)
                self._connections[request] = thread
        if has_room:
            thread.start()
            return
        # Not in a thread: it fits into the buffer, so that this never waits.
        with contextlib.suppress(OSError):
            request.settimeout(0)
            request.send(TOO_MANY)
        self.shutdown_request(request)

    def shutdown_request(self, request: Any) -> None:
        """Forgets a connection."""
        with self._lock:
            self._connections.pop(request, None)
        super().shutdown_request(request)

    @contextlib.contextmanager
    def stream(self) -> Iterator[bool]:
        """Counts a stream; tells whether there is a place for it."""
        with self._lock:
            has_place = self._streams < self.most_streams
            self._streams += has_place
        try:
            yield has_place
        finally:
            with self._lock:
                self._streams -= has_place

    def end_connections(self) -> None:
        """Ends all connections, and waits for their threads, less than a second."""
        # Who reads stops; who streams ends the stream, which takes a slow client too long.
        for how in (socket.SHUT_RD, socket.SHUT_RDWR):
            with self._lock:
                connections = dict(self._connections)
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(how)
            deadline = time.monotonic() + CLOSE_SECONDS
            for thread in connections.values():
                thread.join(max(0.0, deadline - time.monotonic()))


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    if not 0 <= port <= 65535:
        raise ParameterError('--port', port, 'must be 0 to 65535')
    if not host:
        raise ParameterError('--host', host, NOT_OURS)
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise ParameterError('--host', host, NOT_OURS) from None
    return family, address


def _bind_error(error: OSError, host: str, port: int) -> ParameterError:
    if error.errno == errno.EADDRINUSE:
        return ParameterError('--port', port, 'is taken by another program: choose another port, '
                                              'or 0 for any that is free')
    if error.errno == errno.EACCES:
        return ParameterError('--port', port, 'may not be used: choose one from 1024 on')
    if error.errno in (errno.EADDRNOTAVAIL, errno.EINVAL):
        return ParameterError('--host', host, NOT_OURS)
    return ParameterError('--host', host, f'cannot be listened at: {error.strerror}')
