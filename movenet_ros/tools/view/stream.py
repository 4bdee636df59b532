"""Sends records to a client as fast as it reads them, leaving out those in between."""
from __future__ import annotations

import socket
import threading

from movenet_ros.tools.view.feed import Feed

SEND_BUFFER = 64 * 1024
"""Small, as what is in it is no longer the newest."""
WAIT_SECONDS = 0.25
"""Between two looks whether a stream that gets no records is still wanted."""

OPTIONS = (
    (socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER),
    # Whether the other end is still there is found out while nothing is sent, too.
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5), (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3))


def set_options(connection: socket.socket) -> None:
    """Makes a connection fit for a stream."""
    for option in OPTIONS:
        connection.setsockopt(*option)


def send_records(connection: socket.socket, feed: Feed, closing: threading.Event) -> None:
    """Sends records, each as a chunk of HTTP, until the feed ends or `closing` is set.

    Args:
        connection: To the client; its timeout is that of a record.
        feed: Where they come from.
        closing: Set when the stream is to end.

    Raises:
        OSError: The client has left, or has not read a record in time.
    """
    with feed.watch() as watcher:
        while not (feed.closed or closing.is_set()):
            record = watcher.next(WAIT_SECONDS)
            if record is not None:
                connection.sendall(b'%x\r\n%b\r\n' % (len(record), record))
            elif _has_left(connection):
                break
    connection.sendall(b'0\r\n\r\n')


def _has_left(connection: socket.socket) -> bool:
    usual = connection.gettimeout()
    # Non-blocking: with a timeout, Python waits for data even with MSG_DONTWAIT.
    connection.settimeout(0)
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(usual)
