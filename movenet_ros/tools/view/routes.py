"""What the server has: the page's files, and what the page asks for."""
from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from movenet_ros.core.skeleton import EDGES, KEYPOINT_NAMES
from movenet_ros.errors import MovenetError, ParameterError, listed
from movenet_ros.images.overlay import PALETTE
from movenet_ros.tools.view.feed import Feed
from movenet_ros.tools.view.request_error import RequestError
from movenet_ros.tools.view.request_fields import playback_request, target_request
from movenet_ros.tools.view.subject import Subject

PAGE_DIR = Path(__file__).resolve().parent / 'page'
PAGE = {'/': ('index.html', 'text/html; charset=utf-8'),
        '/view.css': ('view.css', 'text/css; charset=utf-8'),
        '/view.js': ('view.js', 'text/javascript; charset=utf-8')}
METHODS = {**dict.fromkeys(PAGE, 'GET'), '/info': 'GET', '/stream': 'GET',
           '/target': 'POST', '/playback': 'POST'}
"""All paths, each with its only method."""


@dataclass(frozen=True)
class Response:
    """An answer.

    Attributes:
        body: Its content.
        content_type: What that is.
    """

    body: bytes
    content_type: str = 'application/json'


def json_response(fields: dict[str, Any]) -> Response:
    """An answer in JSON."""
    return Response(json.dumps(fields, allow_nan=False).encode())


def page_file(path: str) -> Response:
    """A file of the page, by its path of HTTP, a key of `PAGE`.

    Raises:
        RequestError: It cannot be read.
    """
    name, content_type = PAGE[path]
    try:
        return Response((PAGE_DIR / name).read_bytes(), content_type)
    except OSError as error:
        raise RequestError(HTTPStatus.INTERNAL_SERVER_ERROR,
                           f'{name} of the page cannot be read: {error.strerror}') from None


def info(subject: Subject) -> Response:
    """What the page needs to know before it shows anything."""
    return json_response({
        'title': subject.title, 'kind': subject.kind, 'cameras': list(subject.cameras()),
        'can_select': subject.can_select, 'duration': subject.duration,
        'keypoints': list(KEYPOINT_NAMES), 'edges': [list(edge) for edge in EDGES],
        'palette': [f'#{red:02x}{green:02x}{blue:02x}' for blue, green, red in PALETTE]})


def feed_of(subject: Subject, cameras: list[str]) -> Feed:
    """The feed of the camera that is asked for.

    Args:
        subject: What is viewed.
        cameras: Values of `camera` in the request's query.

    Raises:
        RequestError: There is no such camera.
        ParameterError: None or several are asked for.
    """
    if len(cameras) != 1:
        raise ParameterError('camera', cameras, 'must be given once: /stream?camera=NAME')
    try:
        return subject.feed(cameras[0])
    except KeyError:
        raise _unknown_camera(subject, cameras[0]) from None


def select(subject: Subject, body: bytes) -> Response:
    """Chooses the target.

    Raises:
        RequestError: There is no such camera, or nothing can be chosen.
        MovenetError: The request is wrong, or was rejected.
    """
    camera, selection = target_request(body)
    if not subject.can_select:
        raise RequestError(HTTPStatus.CONFLICT, 'a target cannot be chosen here')
    if camera not in subject.cameras():
        raise _unknown_camera(subject, camera)
    return json_response({'message': subject.select(camera, selection)})


def play(subject: Subject, body: bytes) -> Response:
    """Pauses, continues or moves a recording.

    Raises:
        RequestError: It is live.
        MovenetError: The request is wrong, or cannot be fulfilled.
    """
    if subject.duration is None:
        raise RequestError(HTTPStatus.CONFLICT, 'only a recording can be paused by the server')
    subject.play(*playback_request(body, subject.duration))
    return json_response({})


def status_of(error: MovenetError) -> HTTPStatus:
    """Of HTTP, for an error of the package."""
    return (HTTPStatus.BAD_REQUEST if isinstance(error, ParameterError) else HTTPStatus.CONFLICT)


def _unknown_camera(subject: Subject, camera: str) -> RequestError:
    error = ParameterError('camera', camera, f'is unknown; known are: {listed(subject.cameras())}')
    return RequestError(HTTPStatus.NOT_FOUND, str(error))
