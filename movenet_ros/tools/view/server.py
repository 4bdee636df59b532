"""Serves the page of `movenet view` and its streams."""
from __future__ import annotations

import contextlib
import errno
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from movenet_ros.errors import MovenetError, ParameterError
from movenet_ros.tools.view.access import access_to, bracketed
from movenet_ros.tools.view.handler import HEADERS, MOST_STREAMS, RequestHandler
from movenet_ros.tools.view.subject import Subject

MOST_CONNECTIONS = 64
ACCEPT_SECONDS = 0.2
CLOSE_SECONDS = 0.35
NOT_OURS = 'must be a name or address of this machine'
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
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 32

    def __init__(self, subject: Subject, host: str, port: int, token: str | None) -> None:
        """Listens, from now on.

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
            super().__init__(address, RequestHandler)
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
            has_room = len(self._connections) < MOST_CONNECTIONS and not self.closing.is_set()
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
            has_place = self._streams < MOST_STREAMS
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


class ViewServer:
    """The server of a page that shows a subject.

    It listens from its making on, and answers within its context:

        with ViewServer(subject) as server:
            print(server.url)
    """

    def __init__(self, subject: Subject, host: str = '127.0.0.1', port: int = 0,
                 token: str | None = None) -> None:
        """Listens.

        Args:
            subject: What is viewed.
            host: Name or address of this machine; others reach it unless it is a loopback
                address. 0.0.0.0 and :: are all addresses.
            port: TCP port; 0: any that is free.
            token: What is asked for; None: one is made where others reach the server.

        Raises:
            ParameterError: One of them is wrong, or the port is taken.
        """
        self._host = host
        self._server = ConnectionServer(subject, host, port, token)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(ACCEPT_SECONDS,),
                                        name='view server', daemon=True)

    @property
    def url(self) -> str:
        """Where the page is, with the token."""
        access, (address, port) = self._server.access, self._server.server_address[:2]
        name = _reachable(str(address)) if str(address) in ('0.0.0.0', '::') else self._host
        token = f'?token={access.token}' if access.token else ''
        return f'http://{bracketed(name)}:{port}/{token}'

    def __enter__(self) -> ViewServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends all streams and connections; may be called again."""
        self._server.closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.end_connections()


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    if not 0 <= port <= 65535:
        raise ParameterError('--port', port, 'must be 0 to 65535')
    if not host:
        raise ParameterError('--host', host, NOT_OURS)
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise ParameterError('--host', host, f'{NOT_OURS}: {error}') from None
    return family, address


def _bind_error(error: OSError, host: str, port: int) -> ParameterError:
    if error.errno == errno.EADDRINUSE:
        return ParameterError('--port', port, 'is taken by another program: choose another port, '
                                              'or 0 for any that is free')
    if error.errno == errno.EACCES:
        return ParameterError('--port', port, 'may not be used: choose one from 1024 on')
    return ParameterError('--host', host, f'{NOT_OURS}: {error}')


def _reachable(address: str) -> str:
    """An address of this machine for others, where the server listens at all of them."""
    family, other = ((socket.AF_INET6, '2001:db8::1') if ':' in address
                     else (socket.AF_INET, '192.0.2.1'))
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        # Sends nothing: it only asks which address would be used. (These are for documentation.)
        probe.connect((other, 9))
        return str(probe.getsockname()[0])
    return '::1' if ':' in address else '127.0.0.1'
