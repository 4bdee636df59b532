"""Reads the JSON body of a POST."""
from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, NoReturn

from movenet_ros.core.target.selection import Criterion, Selection
from movenet_ros.errors import ParameterError

LARGEST_ID = 2 ** 31 - 1
LARGEST_COORDINATE = 1e6  # px


def target_request(body: bytes) -> tuple[str, Selection]:
    """The camera and who is to be followed.

    Args:
        body: {"camera", "criterion", "id", "x", "y"}: the id with `id` only, x and y [px] with
            `point` only; otherwise they are null or absent.

    Raises:
        ParameterError: A field is missing, of another type, or has a wrong value.
    """
    fields = _fields(body, ('camera', 'criterion', 'id', 'x', 'y'))
    camera, name = fields['camera'], fields['criterion']
    if not isinstance(camera, str):
        raise ParameterError('camera', camera, 'must be the name of a camera')
    names = [each.value for each in Criterion]
    if not isinstance(name, str) or name not in names:
        raise ParameterError('criterion', name, f'must be one of {", ".join(names)}')
    criterion = Criterion(name)
    if criterion is Criterion.ID:
        return camera, Selection(criterion, id=_id(fields['id']))
    if criterion is Criterion.POINT:
        limits = (-LARGEST_COORDINATE, LARGEST_COORDINATE)
        x, y = (_number(axis, fields[axis], *limits) for axis in ('x', 'y'))
        return camera, Selection(criterion, x=x, y=y)
    return camera, Selection(criterion)


def playback_request(body: bytes, duration: float) -> tuple[bool | None, float | None]:
    """Whether to pause, and where to go; None: as it is.

    Args:
        body: {"paused", "position"}, each may be null or absent; position [s].
        duration: Of the recording [s].

    Raises:
        ParameterError: A field is of another type, or has a wrong value.
    """
    fields = _fields(body, ('paused', 'position'))
    paused, position = fields['paused'], fields['position']
    if paused is not None and not isinstance(paused, bool):
        raise ParameterError('paused', paused, 'must be true, false or null')
    return paused, None if position is None else _number('position', position, 0.0, duration)


def _fields(body: bytes, names: Iterable[str]) -> dict[str, Any]:
    """Its fields; None for what is absent."""
    try:
        fields = json.loads(body.decode('utf-8'), parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise ParameterError('body', body, f'must be JSON: {error}') from None
    if not isinstance(fields, dict):
        raise ParameterError('body', fields, 'must be a JSON object')
    empty = dict.fromkeys(names)
    for name in fields:
        if name not in empty:
            raise ParameterError(name, fields[name], f'is unknown; known are {", ".join(empty)}')
    return empty | fields


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f'{name} is no number of JSON')


def _id(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST_ID:
        raise ParameterError('id', value, f'must be an integer from 1 to {LARGEST_ID}')
    return value


def _number(name: str, value: object, least: float, most: float) -> float:
    if (not isinstance(value, (int, float)) or isinstance(value, bool)
            or not math.isfinite(value) or not least <= value <= most):
        raise ParameterError(name, value, f'must be a number from {least:g} to {most:g}')
    return float(value)
