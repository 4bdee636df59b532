"""Finds out where a request ends, and reads its body.

Strictly: a request whose end could be read in two ways can hide another one.
"""
from __future__ import annotations

import contextlib
import re
from email import errors
from email.message import Message
from http import HTTPStatus
from io import BufferedIOBase

from movenet_ros.errors import shown
from movenet_ros.tools.view.request_error import RequestError

LONGEST_BODY = 4096
LENGTH = re.compile('[0-9]{1,9}')
MALFORMED = (errors.MissingHeaderBodySeparatorDefect, errors.InvalidHeaderDefect,
             errors.FirstHeaderLineIsContinuationDefect, errors.MisplacedEnvelopeHeaderDefect)
"""After the first two of these, `http.server` leaves out all further headers."""


def read_body(method: str, headers: Message, stream: BufferedIOBase) -> bytes:
    """The body of a request, whole; b'' if it has none.

    Args:
        method: Of HTTP.
        headers: Of the request.
        stream: What follows them.

    Raises:
        RequestError: It is not clear where it ends, it is too long, or it does not come.
    """
    length = _body_length(method, headers)
    if length > LONGEST_BODY:
        raise RequestError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                           f'a body of {length} bytes: must not exceed {LONGEST_BODY}', ends=True)
    body = b''
    with contextlib.suppress(OSError):
        body = stream.read(length)
    if len(body) < length:
        raise RequestError(HTTPStatus.REQUEST_TIMEOUT,
                           f'{length} bytes of a body have not come', ends=True)
    return body


def _body_length(method: str, headers: Message) -> int:
    if any(isinstance(defect, MALFORMED) for defect in headers.defects):
        raise RequestError(HTTPStatus.BAD_REQUEST, 'a header line is malformed', ends=True)
    if 'transfer-encoding' in headers:
        raise RequestError(HTTPStatus.NOT_IMPLEMENTED,
                           f'Transfer-Encoding {shown(headers["transfer-encoding"])}: send '
                           'Content-Length instead', ends=True)
    lengths = headers.get_all('content-length', [])
    if not lengths and method == 'POST':
        raise RequestError(HTTPStatus.LENGTH_REQUIRED, 'Content-Length is missing', ends=True)
    if len(lengths) > 1 or not all(LENGTH.fullmatch(length) for length in lengths):
        raise RequestError(HTTPStatus.BAD_REQUEST,
                           f'Content-Length {shown(lengths)}: must be one number', ends=True)
    return int(lengths[0]) if lengths else 0
