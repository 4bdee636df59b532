"""Why a request is not answered."""
from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus


class RequestError(Exception):
    """A request that is rejected.

    Attributes:
        status: Of HTTP.
        message: One line for the user.
        headers: That the status calls for.
        ends: Whether the connection must be closed: where the next request begins is not known.
    """

    def __init__(self, status: HTTPStatus, message: str,
                 headers: Mapping[str, str] | None = None, *, ends: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.ends = ends
