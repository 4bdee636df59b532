"""What `movenet view` shows in tests, and clients of its server."""
import http.client
import json
import socket
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from movenet_ros.errors import MovenetError
from movenet_ros.tools.view.feed import Feed
from movenet_ros.tools.view.server import ViewServer

TIMEOUT = 10.0


class FixedSubject:
    """A subject with the cameras `front` and `left/rear`, whose records the test publishes."""

    title = 'two cameras'

    def __init__(self, duration=None, can_select=True):
        self.kind = 'live' if duration is None else 'recording'
        self.duration = duration
        self.can_select = can_select
        self.feeds = {'front': Feed(), 'left/rear': Feed()}
        self.selected = []
        self.played = []
        self.error = None

    def cameras(self):
        return tuple(self.feeds)

    def feed(self, camera):
        return self.feeds[camera]

    def select(self, camera, selection):
        if self.error is not None:
            raise self.error
        self.selected.append((camera, selection))
        return f'following by {selection.criterion.value}'

    def play(self, paused, position):
        self.played.append((paused, position))


def nobody_answers():
    return MovenetError('the node does not answer')


@contextmanager
def served(subject=None, **options):
    with ViewServer(subject or FixedSubject(), **options) as server:
        yield server


def address_of(server):
    parts = urlsplit(server.url)
    return parts.hostname, parts.port


def request(server, method, path, body=None, headers=()):
    """The answer to one request: status, headers and body; JSON is decoded."""
    with closing(http.client.HTTPConnection(*address_of(server), timeout=TIMEOUT)) as connection:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        content = response.read()
        if content and response.headers['Content-Type'] == 'application/json':
            content = json.loads(content)
        return response.status, response.headers, content


def post(server, path, fields, **headers):
    """As `request`, for a body in JSON."""
    body = fields if isinstance(fields, (bytes, str)) else json.dumps(fields)
    return request(server, 'POST', path, body, {'Content-Type': 'application/json', **headers})


def connected(server, receive_buffer=None):
    """A plain connection."""
    host, port = address_of(server)
    connection = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET)
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(TIMEOUT)
    try:
        connection.connect((host, port))
    except OSError:
        connection.close()
        raise
    return connection


def exchange(server, sent):
    """All that comes back until the server closes the connection, as we send no more."""
    with connected(server) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def read_until(connection, ending):
    received = b''
    while not received.endswith(ending):
        received += connection.recv(4096)
    return received


def read_all(connection):
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b''.join(parts)


class Stream:
    """A client of `/stream`; the test reads one record after the other."""

    def __init__(self, server, camera='front', headers=()):
        self._connection = http.client.HTTPConnection(*address_of(server), timeout=TIMEOUT)
        self._connection.request('GET', f'/stream?camera={camera}', headers=dict(headers))
        self.response = self._connection.getresponse()

    def record(self, length):
        """The next bytes, as many as a record of the test has; fewer at the stream's end."""
        return self.response.read(length)

    def close(self):
        self.response.close()
        self._connection.close()
