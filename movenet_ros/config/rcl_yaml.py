"""Reads parameter files as ROS does.

It follows, step by step, rcl's own parser (rcl_yaml_param_parser) and the way in which rclpy
chooses the sections of a node, so that a file has the same effect with and without ROS. Where rcl
differs from other readers of YAML, so does this: `yes` is a boolean, `010` is 8, `~` is a text, a
section may be given twice, and sections override those before them, however specific their names
are.
"""
from __future__ import annotations

import bisect
import ctypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from movenet_ros.errors import SourceError, one_line, shown
from movenet_ros.regular_files import read_regular_file

LARGEST_FILE = 1 << 20  # bytes
DEEPEST = 100  # levels of nesting
LONGEST_NAME = 500  # letters, with all groups or namespaces: or a small file may fill the memory

_PARAMETERS_KEY = 'ros__parameters'
_NAMES_LEVEL, _PARAMETERS_LEVEL = 1, 2

_TRUE = {'Y', 'y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'}
_FALSE = {'N', 'n', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'}
_SPECIAL = re.compile(r'\.(nan|NaN|NAN)|[+-]?\.(inf|Inf|INF)')
_TEXT_TAG = 'tag:yaml.org,2002:str'

# In the order in which rcl looks for the value of a parameter that was given several.
_TYPES = [(in_list, kind) for in_list in (False, True) for kind in (bool, int, float, str)]

_NAME = re.compile('[A-Za-z_][A-Za-z0-9_]{0,254}')
_LONGEST_NAMESPACE = 245


@dataclass(frozen=True)
class Section:
    """The parameters of one section of a file.

    Attributes:
        name: Names a node, or several with wildcards: `/**`, `movenet`, `/robot/*`.
        values: By name of the parameter; None for an empty list or group.
        files: Those that have it.
    """

    name: str
    values: Mapping[str, object]
    files: tuple[str | Path, ...]

    def applies_to(self, node: str) -> bool:
        """Whether the section is for the node with this full name, like `/robot/movenet`."""
        pattern = '/' + self.name.removeprefix('/')
        # Several in a row match what one does, and are much slower.
        pattern = re.sub(r'(/\*\*)+', '/**', pattern)
        return re.fullmatch(pattern.replace('/*', r'(/\w+)'), node, re.ASCII) is not None


def read_sections(*paths: str | Path) -> list[Section]:
    """The sections of parameter files, in the order in which ROS applies them.

    Args:
        paths: In the order in which they are given. A section that several have is one section.

    Raises:
        SourceError: A file cannot be read, or ROS would reject it.
    """
    sections: dict[str, _Entries] = {}
    names = [(path, _read(path, sections)) for path in paths]
    return [Section(name, values.by_name(), tuple(path for path, inside in names if name in inside))
            for name, values in sections.items()]


def _read(path: str | Path, sections: dict[str, _Entries]) -> set[str]:
    """Adds the sections of a file; returns their names."""
    import yaml
    # libyaml, as rcl has, where it is built in
    loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
    reader = _Reader(sections)
    try:
        for event in yaml.parse(_content(path), Loader=loader):
            reader.take(event)
    except (yaml.YAMLError, UnicodeError, ValueError) as error:
        cause = one_line(error).replace('"<byte string>", ', '')
        raise SourceError(f'parameter file {path}: ROS cannot read it: {cause}') from error
    return reader.names


def _content(path: str | Path) -> bytes:
    try:
        return read_regular_file(path, LARGEST_FILE)
    except OSError as error:
        raise SourceError(
            f'parameter file {path}: cannot be read: {error.strerror or error}') from error


class _Entries:
    """The parameters of one section: rcl keeps them in order, and several may share a name."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._places: dict[str, list[int]] = {}
        self._values: list[dict[Any, object]] = []

    def __len__(self) -> int:
        return len(self._names)

    def name(self, place: int) -> str:
        if place >= len(self):
            raise ValueError('a group of parameters without a name')
        return self._names[place]

    def place(self, name: str) -> int:
        """The place of the first entry with this name; of a new one where there is none."""
        if not self._places.get(name):
            self._places[name] = [len(self)]
            self._names.append(name)
            self._values.append({})
        return self._places[name][0]

    def rename(self, place: int, name: str) -> None:
        self._places[self._names[place]].remove(place)
        self._names[place] = name
        bisect.insort(self._places.setdefault(name, []), place)

    def values(self, place: int) -> dict[Any, object]:
        """What an entry holds, by type; rcl may refer to one that does not exist."""
        return self._values[place] if place < len(self) else {}

    def by_name(self) -> dict[str, object]:
        return {name: next((held[key] for key in _TYPES if key in held), None)
                for name, held in zip(self._names, self._values, strict=True)}


class _Reader:
    """Takes the events of a YAML file one after the other, in rcl's way."""

    def __init__(self, sections: dict[str, _Entries]) -> None:
        """Adds to what has been read into `sections` before; `names` are those it adds to."""
        self.names: set[str] = set()
        self._sections = sections
        self._level = _NAMES_LEVEL
        self._depth = 0
        self._nesting = 0
        self._is_key, self._is_new_group = True, False
        self._list: list[Any] | None = None  # None outside of a list
        self._in_list = False
        self._section = _Entries()
        self._place = 0
        self._node, self._nodes = '', 0  # joined names, and how many
        self._group, self._groups = '', 0

    def take(self, event: Any) -> None:
        """Takes one event.

        Raises:
            ValueError: rcl rejects it.
        """
        kind = type(event).__name__.removesuffix('Event')
        act = getattr(self, f'_{kind}', None)
        try:
            if act is not None:
                act(event)
        except ValueError as error:
            raise ValueError(f'{error}, in line {event.start_mark.line + 1}') from error

    def _Alias(self, event: Any) -> None:
        raise ValueError(f'an alias (*{event.anchor}), which ROS does not take')

    def _Scalar(self, event: Any) -> None:
        text = event.value.partition('\0')[0]  # where a text of C ends
        if self._is_key:
            if not event.value:
                raise ValueError('a key without a name')
            self._take_key(text)
            self._is_key = False
        else:
            self._take_value(event, text)
            self._is_key = not self._in_list

    def _SequenceStart(self, event: Any) -> None:
        self._nest(+1)
        if self._is_key:
            raise ValueError('a list in the place of a name')
        self._need_parameters_level()
        self._in_list, self._list = True, None

    def _SequenceEnd(self, event: Any) -> None:
        self._nest(-1)
        self._in_list, self._is_key = False, True

    def _MappingStart(self, event: Any) -> None:
        self._nest(+1)
        self._depth += 1
        self._is_key = True
        outermost = self._depth - self._nodes == 2
        self._is_new_group = not (self._level == _PARAMETERS_LEVEL and outermost)

    def _MappingEnd(self, event: Any) -> None:
        self._nest(-1)
        if self._level == _PARAMETERS_LEVEL:
            if self._groups:
                self._group, self._groups = _without_last(self._group, '.', self._groups)
            else:
                self._level -= 1
        elif self._depth == self._nodes + 1:
            self._node, self._nodes = _without_last(self._node, '/', self._nodes)
        self._depth -= 1

    def _nest(self, step: int) -> None:
        self._nesting += step
        if self._nesting > DEEPEST:
            raise ValueError(f'nested deeper than {DEEPEST} levels')

    def _need_parameters_level(self) -> None:
        if self._level < _PARAMETERS_LEVEL:
            raise ValueError(f'a value before {_PARAMETERS_KEY}')

    def _take_key(self, key: str) -> None:
        if self._level == _PARAMETERS_LEVEL:
            self._take_parameter(key)
        elif not key.startswith(_PARAMETERS_KEY):
            slash = '' if not self._nodes or self._node.endswith('/') else '/'
            self._node, self._nodes = _short(self._node + slash + key), self._nodes + 1
        elif not self._nodes:
            raise ValueError(f'no node name before {_PARAMETERS_KEY}')
        else:
            _check_node_name(self._node)
            self._section = self._sections.setdefault(self._node, _Entries())
            self.names.add(self._node)
            self._level += 1

    def _take_parameter(self, key: str) -> None:
        if self._is_new_group:
            self._group, self._groups = self._section.name(self._place), self._groups + 1
            self._is_new_group = False
        if self._groups:
            # The group's own entry becomes that of its first parameter.
            self._place = self._section.place(self._group)
            self._section.rename(self._place, _short(f'{self._group}.{key}'))
        else:
            self._place = self._section.place(_short(key))

    def _take_value(self, event: Any, text: str) -> None:
        self._need_parameters_level()
        if not len(self._section):
            raise ValueError(f'a value in the place of the parameters of {_PARAMETERS_KEY}')
        quoted = event.style in ("'", '"')
        if not quoted and not event.value:
            raise ValueError('no value')
        is_text = quoted or event.tag == _TEXT_TAG
        value = text if is_text else _plain_value(text)
        held = self._section.values(self._place)
        if not self._in_list:
            held[False, type(value)] = value
            return
        if self._list is None:
            self._list = []
            held[True, type(value)] = self._list
        elif type(self._list[0]) is not type(value):
            raise ValueError(f'{shown(value)} in a list of another type; to ROS, 1 and 1.0 are '
                             'of different types')
        self._list.append(value)


def _short(name: str) -> str:
    if len(name) > LONGEST_NAME:
        raise ValueError(f'a name of more than {LONGEST_NAME} letters')
    return name


def _without_last(names: str, separator: str, count: int) -> tuple[str, int]:
    if count == 1:
        return '', 0
    head, found, _ = names.rpartition(separator)
    return head if found else names, count - bool(count)


def _check_node_name(name: str) -> None:
    namespace, _, last = name.rpartition('/')
    tokens = namespace.removeprefix('/').split('/') if namespace else []
    for token in [*tokens, last]:
        if token not in ('*', '**') and not _NAME.fullmatch(token):
            raise ValueError(f'{shown(name)} is no name of a node')
    if any(len(token) > _LONGEST_NAMESPACE - 1 for token in tokens):
        raise ValueError(f'{shown(name)} is too long for the name of a node')


_C = ctypes.CDLL(None, use_errno=True)
_C.strtoll.argtypes = (ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p), ctypes.c_int)
_C.strtoll.restype = ctypes.c_longlong
_C.strtod.argtypes = (ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p))
_C.strtod.restype = ctypes.c_double


def _plain_value(text: str) -> bool | int | float | str:
    """The value that a text without quotes stands for, by the functions of C that rcl calls."""
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    whole = _number(_C.strtoll, text, 0)
    if whole is not None:
        return int(whole)
    if _SPECIAL.fullmatch(text):
        return float(text.replace('.', ''))
    number = _number(_C.strtod, text)
    return text if number is None else float(number)


def _number(convert: Any, text: str, *base: int) -> Any:
    buffer = ctypes.create_string_buffer(text.encode())
    end = ctypes.c_void_p()
    ctypes.set_errno(0)
    number = convert(buffer, ctypes.byref(end), *base)
    whole = end.value == ctypes.addressof(buffer) + len(buffer) - 1
    return number if whole and text and not ctypes.get_errno() else None
