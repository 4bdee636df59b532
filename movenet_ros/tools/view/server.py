"""Serves the page of `movenet view` and its streams."""
from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

from movenet_ros.tools.view.access import bracketed
from movenet_ros.tools.view.connections import ConnectionServer
from movenet_ros.tools.view.handler import RequestHandler
from movenet_ros.tools.view.subject import Subject

ACCEPT_SECONDS = 0.2


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
        self._server = ConnectionServer(RequestHandler, subject, host, port, token)
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


def _reachable(address: str) -> str:
    """An address of this machine for others, where the server listens at all of them."""
    family, other = ((socket.AF_INET6, '2001:db8::1') if ':' in address
                     else (socket.AF_INET, '192.0.2.1'))
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        # Sends nothing: it only asks which address would be used. (These are for documentation.)
        probe.connect((other, 9))
        return str(probe.getsockname()[0])
    return '::1' if ':' in address else '127.0.0.1'
