"""Parameter files in the format of ROS, and the documents made from the declarations.

config/movenet.yaml and the README's table are written by `update`, never by hand.
"""
from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from movenet_ros.config import parameters
from movenet_ros.errors import ParameterError, SinkError, SourceError, one_line
from movenet_ros.parameter import Change, Parameter, Value

SECTIONS = ('/**', 'movenet', '/movenet')
"""Sections of a parameter file that speak to this node, wherever it runs."""

# Parameters that ROS itself gives every node; offline they mean nothing.
_OF_ROS = ('use_sim_time', 'start_type_description_service', 'qos_overrides.')

_CHANGES = {Change.LIVE: 'live', Change.RECONFIGURE: 'reconfigure', Change.START: 'at start'}
_BEGIN = '<!-- parameters: written by `make generate` -->'
_END = '<!-- end of parameters -->'


def read(path: str | Path) -> dict[str, object]:
    """Reads the parameters of this node from a file of ROS parameters.

    Args:
        path: A YAML file with `ros__parameters` under '/**', 'movenet' or '/movenet'.

    Returns:
        Values by parameter name, as they stand in the file; the caller checks them.

    Raises:
        SourceError: The file cannot be read or is not a parameter file.
    """
    try:
        document = _load(Path(path).read_text(encoding='utf-8'))
    except OSError as error:
        raise SourceError(f'parameter file {path}: cannot be read: {error.strerror}') from error
    except Exception as error:
        # PyYAML lets out whatever Python's own types raise, for a date like 2001-99-99.
        raise SourceError(f'parameter file {path}: is not YAML: {one_line(error)}') from error
    if not isinstance(document, dict):
        raise SourceError(f'parameter file {path}: must map node names to ros__parameters')
    found = [name for name in SECTIONS if name in document]
    if not found:
        names = one_line(', '.join(map(str, document))) or 'none'
        raise SourceError(f'parameter file {path}: has no section {" or ".join(SECTIONS)}; '
                          f'sections found: {names}')
    values: dict[str, object] = {}
    for name in found:
        values.update(_section(path, name, document[name]))
    return values


def _load(text: str) -> object:
    import yaml
    if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
        # With them a short file can stand for a large one, or contain itself.
        raise yaml.YAMLError('aliases (*name) are not for parameter files; ROS reads none either')
    return yaml.safe_load(text)


def _section(path: str | Path, name: str, section: object) -> Iterator[tuple[str, object]]:
    if not isinstance(section, dict) or not isinstance(section.get('ros__parameters'), dict):
        raise SourceError(f'parameter file {path}: section {name} has no ros__parameters')
    for key, value in _flatten(section['ros__parameters']):
        if not key.startswith(_OF_ROS):
            yield key, value


def _flatten(group: Mapping[str, Any], prefix: str = '') -> Iterator[tuple[str, object]]:
    for key, value in group.items():
        if isinstance(value, dict):
            yield from _flatten(value, f'{prefix}{key}.')
        else:
            yield f'{prefix}{key}', value


def parse_assignments(assignments: list[str]) -> dict[str, object]:
    """Values by name from texts like 'filter.beta=10'.

    Raises:
        ParameterError: A text is no assignment, or its value is refused.
    """
    from movenet_ros.config import find
    values: dict[str, object] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition('=')
        if not equals:
            raise ParameterError(name, None, 'must be given as NAME=VALUE, like filter.beta=10')
        values[name] = find(name, text).parse(text)
    return values


def yaml_text() -> str:
    """config/movenet.yaml: every parameter with its default and its description."""
    lines = ['# Every parameter of the movenet node, with its default.',
             '# Written by `make generate` from movenet_ros/config.py: change it there.',
             '/**:', '  ros__parameters:']
    group = ''
    for parameter in parameters():
        *above, name = parameter.name.split('.')
        if above and above[0] != group:
            group = above[0]
            lines += ['', f'    {group}:']
        indent = '      ' if above else '    '
        lines += [''] * (not above) + _comment(parameter, indent)
        lines.append(f'{indent}{name}: {_yaml_value(parameter.default)}')
    return '\n'.join(lines) + '\n'


def _comment(parameter: Parameter, indent: str) -> list[str]:
    import textwrap
    notes = '; '.join(filter(None, (parameter.unit, parameter.limits, _CHANGES[parameter.change])))
    return textwrap.wrap(f'{parameter.text} [{notes}]', 96 - len(indent),
                         initial_indent=f'{indent}# ', subsequent_indent=f'{indent}# ')


def _yaml_value(value: Value) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def markdown_table() -> str:
    """The README's table of parameters."""
    rows = ['| parameter | default | allowed | takes effect | what it does |',
            '|---|---|---|---|---|']
    for p in parameters():
        default = 'COCO' if p.kind.startswith('float[') else _yaml_value(p.default)
        unit = f' [{p.unit}]' if p.unit else ''
        rows.append(f'| `{p.name}` | {default}{unit} | {p.limits or p.kind} | '
                    f'{_CHANGES[p.change]} | {p.text} |')
    return '\n'.join(rows) + '\n'


def text_table(values: Mapping[str, Value]) -> str:
    """A table for a terminal, with the values that hold."""
    cells = [(p.name, _yaml_value(values[p.name]), p.unit, p.limits or p.kind, _CHANGES[p.change])
             for p in parameters()]
    cells = [(n, 'COCO constants' if len(v) > 60 else v, u, a, c) for n, v, u, a, c in cells]
    cells.insert(0, ('parameter', 'value', 'unit', 'allowed', 'takes effect'))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ''.join('  '.join(cell.ljust(width) for cell, width in zip(
        row, widths, strict=True)).rstrip() + '\n' for row in cells)


def documents(root: Path) -> dict[Path, str]:
    """What the generated files under `root` should hold, by path.

    Raises:
        SinkError: The README has no place for the table.
    """
    readme = root / 'README.md'
    text = readme.read_text(encoding='utf-8')
    head, begin, rest = text.partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    if not begin or not end:
        raise SinkError(f'{readme}: the lines {_BEGIN} and {_END} are missing')
    return {root / 'config' / 'movenet.yaml': yaml_text(),
            readme: f'{head}{begin}\n{markdown_table()}{end}{tail}'}


def update(root: Path) -> list[Path]:
    """Writes the generated files that are stale, and returns them."""
    stale = {path: text for path, text in documents(root).items()
             if not path.exists() or path.read_text(encoding='utf-8') != text}
    for path, text in stale.items():
        path.write_text(text, encoding='utf-8')
    return list(stale)
