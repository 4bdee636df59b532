"""A page of `movenet view` on a running node, as a client that reads all records."""
import http.client
import json
import socket
import struct
import threading
from contextlib import contextmanager, suppress
from urllib.parse import quote

import rclpy
from rclpy.context import Context
from support.view import TIMEOUT, address_of

from movenet_ros.tools.view.live import LiveSubject
from movenet_ros.tools.view.server import ViewServer


class Page:
    """Reads the stream of a camera in a thread.

    Attributes:
        records: What has come: dictionaries, with the picture under `jpeg`.
        ended: Whether the server has ended the stream.
    """

    def __init__(self, server, camera=''):
        self.records, self.ended, self._left = [], False, False
        self._connection = http.client.HTTPConnection(*address_of(server), timeout=TIMEOUT)
        self._connection.request('GET', f'/stream?camera={quote(camera)}')
        # The connection forgets it with the answer, which ends with it.
        self._socket = self._connection.sock
        self._response = self._connection.getresponse()
        assert self._response.status == 200
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        try:
            while head := self._response.read(4):
                body = self._response.read(*struct.unpack('>I', head))
                end = 4 + struct.unpack('>I', body[:4])[0]
                self.records.append({**json.loads(body[4:end]), 'jpeg': body[end:]})
        except (OSError, http.client.HTTPException):
            assert self._left
        self.ended = True

    def __enter__(self):
        return self

    def __exit__(self, *error):
        # What is read then is the end.
        self._left = True
        with suppress(OSError):  # closed, as the stream has ended
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(TIMEOUT)
        self._response.close()
        self._connection.close()


@contextmanager
def live_view(owner='/movenet'):
    """The server of a page on a node."""
    context = Context()
    rclpy.init(context=context)
    stop = threading.Event()
    try:
        with LiveSubject(owner, context=context) as subject:
            thread = threading.Thread(target=subject.run, args=[stop.is_set], daemon=True)
            thread.start()
            try:
                with ViewServer(subject) as server:
                    yield server
            finally:
                stop.set()
                subject.wake()
                thread.join(TIMEOUT)
            assert not thread.is_alive()
    finally:
        rclpy.shutdown(context=context)
