"""Definitions of message types, as a recording holds them beside the messages."""
from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from movenet_ros.errors import SinkError, shown
from movenet_ros.files.bags.typestore import typestore

if TYPE_CHECKING:
    from rosbags.typesys.store import Typestore

OWN = 'movenet_ros/'
NAME = re.compile(r'(?P<package>[a-z][a-z0-9_]*)/msg/(?P<name>[A-Z][A-Za-z0-9]*)')


@cache
def definition(kind: str) -> tuple[str, str]:
    """The text of a type with all that it consists of, and its hash (RIHS01).

    That of the installed package, which defines what nodes publish; where its .msg files are not
    installed, the standard one.

    Args:
        kind: Name of the type, e.g. `sensor_msgs/msg/Image`.

    Raises:
        SinkError: It is not known.
    """
    from rosbags.typesys import Stores, get_typestore
    store = typestore()
    if not kind.startswith(OWN):
        installed = get_typestore(Stores.EMPTY)
        with suppress(LookupError):
            _register(installed, kind)
            store = installed
    if kind not in store.fielddefs:
        raise SinkError(f'the message type {shown(kind)} is not known: no package with its .msg '
                        'file is installed here')
    text, _ = store.generate_msgdef(kind, ros_version=2)
    return text, store.hash_rihs01(kind)


def _register(store: Typestore, kind: str) -> None:
    """Adds an installed type, and those that it consists of.

    Raises:
        LookupError: One of them is not installed, or cannot be read.
    """
    from rosbags.typesys import get_types_from_msg
    if kind in store.fielddefs:
        return
    try:
        types = get_types_from_msg(_installed(kind).read_text(encoding='utf-8'), kind)
    except Exception as error:
        # rosbags lets out errors of the parser below it
        raise LookupError(kind) from error
    for other in _parts(types[kind][1]):
        _register(store, other)
    store.register(types)


def _parts(field: Any) -> Iterator[str]:
    """Names of the types within fields as rosbags describes them, at any depth."""
    if isinstance(field, str):
        if '/' in field:
            yield field
    elif isinstance(field, (list, tuple)):
        for item in field:
            yield from _parts(item)


def _installed(kind: str) -> Path:
    """The .msg file of a type.

    Raises:
        LookupError: It is not installed, or the name is none.
    """
    name = NAME.fullmatch(kind)
    if name is None:
        raise LookupError(kind)
    prefixes = [*filter(None, os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)),
                sys.prefix]
    for prefix in prefixes:
        path = Path(prefix, 'share', name['package'], 'msg', f'{name["name"]}.msg')
        if path.is_file():
            return path
    raise LookupError(kind)
