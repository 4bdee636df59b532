"""Answers the requests of one connection."""
from __future__ import annotations

import contextlib
import io
import socket
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from movenet_ros.errors import MovenetError, one_line, shown
from movenet_ros.tools.view import routes
from movenet_ros.tools.view.connections import HEADERS, ConnectionServer
from movenet_ros.tools.view.feed import Feed
from movenet_ros.tools.view.request_body import read_body
from movenet_ros.tools.view.request_error import RequestError
from movenet_ros.tools.view.request_reader import RequestReader
from movenet_ros.tools.view.stream import send_records, set_options

MOST_FIELDS = 8  # of a query
SEND_SECONDS = 10.0
"""For a record or another answer: who has not read it by then is dropped."""
DRAIN_SECONDS = 1.0
DRAIN_BYTES = 256 * 1024


class RequestHandler(BaseHTTPRequestHandler):
    """Answers the requests of one connection, in a thread of its own."""

    server: ConnectionServer
    protocol_version = 'HTTP/1.1'
    server_version = 'movenet'
    sys_version = ''
    timeout = SEND_SECONDS
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Sets up the connection."""
        super().setup()
        set_options(self.connection)
        self.rfile.close()
        self._reader = RequestReader(self.connection)
        self.rfile = io.BufferedReader(self._reader)

    def handle(self) -> None:
        """Answers requests until the client leaves."""
        # OSError: it has left, or does not read.
        with contextlib.suppress(OSError):
            try:
                super().handle()
            except RequestError as error:
                # before the request was whole
                self.command = ''
                self.send_error(error.status, error.message)

    def handle_one_request(self) -> None:
        """Reads and answers a request."""
        self._reader.begin()
        super().handle_one_request()

    def finish(self) -> None:
        """Ends the connection."""
        # What is unread when a connection is closed would reset it, and our answer be lost.
        with contextlib.suppress(OSError, RequestError):
            self.connection.shutdown(socket.SHUT_WR)
            self._reader.begin(DRAIN_SECONDS, DRAIN_BYTES)
            while self._reader.read(4096):
                pass
        super().finish()

    def log_request(self, code: int | str = '-', size: int | str = '-') -> None:
        """Requests are not logged."""

    def log_message(self, format: str, *args: Any) -> None:
        """Neither are errors of clients."""

    def send_error(self, code: int, message: str | None = None,
                   explain: str | None = None) -> None:
        """What `http.server` finds wrong, in our form."""
        status = HTTPStatus(code)
        # until it knows better, http.server takes a request for one of HTTP/0.9: without headers
        self.request_version = self.protocol_version
        self._send_error(RequestError(status, message or status.phrase, ends=True))

    def _answer(self) -> None:
        try:
            answer = self._checked_answer()
        except RequestError as error:
            self._send_error(error)
        except MovenetError as error:
            self._send_error(RequestError(routes.status_of(error), str(error)))
        except Exception as error:
            # a fault of ours, which must be seen, and not end the others' streams
            self.server.handle_error(self.request, self.client_address)
            self._send_error(RequestError(HTTPStatus.INTERNAL_SERVER_ERROR, one_line(repr(error))))
        else:
            if isinstance(answer, Feed):
                self._stream(answer)
            else:
                self._send(HTTPStatus.OK, answer)

    # A method that has no function here is not implemented; those of a wrong path are not allowed.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer

    def _checked_answer(self) -> routes.Response | Feed:
        body = read_body(self.command, self.headers, self.rfile)
        path, _, text = self.path.partition('?')
        self._check(path)
        query = self._query(text)
        if path in routes.PAGE:
            return routes.page_file(path)
        self.server.access.check_token(
            self.headers.get_all('authorization', []), query.get('token', []))
        if path == '/info':
            return routes.info(self.server.subject)
        if path == '/stream':
            if self.request_version == 'HTTP/1.0':
                raise RequestError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, 'a stream needs HTTP/1.1')
            return routes.feed_of(self.server.subject, query.get('camera', []))
        content_type = self.headers.get('content-type', '')
        if content_type.partition(';')[0].strip().lower() != 'application/json':
            raise RequestError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                f'Content-Type {shown(content_type)}: must be application/json')
        answer = routes.select if path == '/target' else routes.play
        return answer(self.server.subject, body)

    def _check(self, path: str) -> None:
        """Checks headers, source, path and method."""
        headers = {name: self.headers.get_all(name, [])
                   for name in ('host', 'origin', 'sec-fetch-site')}
        self.server.access.check_source(headers)
        if path not in routes.METHODS:
            raise RequestError(HTTPStatus.NOT_FOUND, f'{shown(path)} is not here')
        method = routes.METHODS[path]
        if self.command != method:
            raise RequestError(HTTPStatus.METHOD_NOT_ALLOWED,
                               f'{path} has {method}, not {self.command}', {'Allow': method})
        if path not in routes.PAGE:
            self.server.access.check_site(headers['sec-fetch-site'])

    def _query(self, text: str) -> Mapping[str, list[str]]:
        try:
            return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            raise RequestError(HTTPStatus.BAD_REQUEST,
                               f'the query has more than {MOST_FIELDS} fields') from None

    def _stream(self, feed: Feed) -> None:
        with self.server.stream() as has_place:
            if not has_place:
                self._send_error(RequestError(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    f'{self.server.most_streams} streams are open, and no more may be: '
                    'close another page',
                    {'Retry-After': '5'}))
                return
            self._begin(HTTPStatus.OK, {'Content-Type': 'application/octet-stream',
                                        'Transfer-Encoding': 'chunked', 'Connection': 'close'})
            send_records(self.connection, feed, self.server.closing)

    def _send_error(self, error: RequestError) -> None:
        if error.ends:
            error.headers['Connection'] = 'close'
        self._send(error.status, routes.json_response({'error': error.message}), error.headers)

    def _send(self, status: HTTPStatus, response: routes.Response,
              headers: Mapping[str, str] | None = None) -> None:
        self._begin(status, {'Content-Type': response.content_type,
                             'Content-Length': str(len(response.body)), **(headers or {})})
        if self.command != 'HEAD':
            self.connection.sendall(response.body)

    def _begin(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**HEADERS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
