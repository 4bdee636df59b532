"""Parameter files in the format of ROS, and the documents made from the declarations.

config/movenet.yaml and docs/parameters.md are written by `update`, never by hand.
"""
from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from movenet_ros.config.declarations import Config
from movenet_ros.config.parameter import Change, Parameter, Value
from movenet_ros.config.rcl_yaml import Section, read_sections
from movenet_ros.errors import ParameterError, SourceError, listed

NODE = '/movenet'
"""Full name of the node, unless it is given another."""

# Parameters that ROS itself gives every node; offline they mean nothing.
_OF_ROS = ('use_sim_time', 'start_type_description_service', 'qos_overrides.')

_CHANGES = {Change.LIVE: 'live', Change.RECONFIGURE: 'reconfigure', Change.START: 'at start'}

_PAGE = """\
# Parameters

<!-- Written by `make generate` from movenet_ros/config/declarations.py: change it there. -->

`movenet params --yaml` prints a parameter file of the defaults, `movenet params --check FILE`
checks one.

- *changes*: "live" takes effect with the next image; accepted changes are logged. A change of a
  "reconfigure" parameter is rejected while the node is configured: deactivate, clean up, set,
  configure. "at start": only when the node starts.
- *only*: with other settings the parameter has no effect; the node, `movenet process` and
  `movenet params --check` say so.
- Values that contradict each other (`refine` without `model: multipose`) can be set one after the
  other while the node is unconfigured; configuring fails until they fit.
- [PoseInfo](topics.md#poseinfo) holds a digest of all parameters that change the numbers.
"""


@dataclass(frozen=True)
class FileParameters:
    """What parameter files hold for one node.

    Attributes:
        node: Full name of the node.
        values: By parameter name, as they stand in the file; not checked.
        applied: The sections that are for the node.
        skipped: The others.
    """

    node: str
    values: Mapping[str, object]
    applied: tuple[str, ...]
    skipped: tuple[str, ...]

    def __str__(self) -> str:
        skipped = f'; skipped: {listed(self.skipped)}' if self.skipped else ''
        return f'for the node {self.node}: {listed(self.applied)}{skipped}'


def read(path: str | Path, node: str = NODE) -> dict[str, object]:
    """The values that a file of ROS parameters has for a node; the caller checks them.

    Raises:
        SourceError: The file cannot be read, or holds nothing for this node.
    """
    return dict(read_for(node, path).values)


def read_for(node: str, *paths: str | Path) -> FileParameters:
    """Reads what files of ROS parameters hold for a node, as ROS does.

    Args:
        node: Full name of the node.
        paths: The files, in the order in which they are given.

    Raises:
        SourceError: A file cannot be read, or holds nothing for this node.
    """
    sections = read_sections(*paths)
    for path in paths:
        if text := _ignored(path, [s for s in sections if path in s.files], node):
            raise SourceError(text)
    return _reading(node, [(s, s.applies_to(node)) for s in sections])


def ignored(path: str | Path, node: str) -> str:
    """A sentence that says so if ROS applies nothing of a file to a node; else an empty text."""
    try:
        sections = read_sections(path)
    except SourceError:
        return ''  # a pipe, for example, which gives its text only once
    return _ignored(path, sections, node)


def _ignored(path: str | Path, sections: Sequence[Section], node: str) -> str:
    if any(section.applies_to(node) for section in sections):
        return ''
    return (f'parameter file {path}: ROS ignores it for the node {node}; its sections: '
            f'{listed([section.name for section in sections]) or "none"}')


def read_any(path: str | Path) -> FileParameters:
    """Reads what a file holds for the node with its usual name, or else for the node it is for.

    That is the node of the only section that holds parameters of this package.

    Raises:
        SourceError: The file cannot be read, or there is no such section, or there are several.
    """
    sections = read_sections(path)
    ours = [s for s in sections if not {p.name for p in Config.parameters()}.isdisjoint(s.values)]
    chosen = sections if len(sections) == 1 else ours
    if any(s.applies_to(NODE) for s in sections) or len(chosen) != 1:
        return read_for(NODE, path)
    name = chosen[0].name
    return _reading('/' + name.removeprefix('/'), [(s, s.name == name) for s in sections])


def _reading(node: str, sections: Sequence[tuple[Section, bool]]) -> FileParameters:
    values: dict[str, object] = {}
    for section, applies in sections:
        if applies:
            # a section has None for a list of nothing
            values.update({name: [] if value is None else value
                           for name, value in section.values.items()})
    return FileParameters(
        node, {name: value for name, value in values.items() if not name.startswith(_OF_ROS)},
        tuple(section.name for section, applies in sections if applies),
        tuple(section.name for section, applies in sections if not applies))


def parse_assignments(assignments: list[str]) -> dict[str, object]:
    """Values by name from texts like 'filter.beta=10'.

    Raises:
        ParameterError: A text is no assignment, or its value is rejected.
    """
    values: dict[str, object] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition('=')
        if not equals:
            raise ParameterError('--param', assignment, 'must be NAME=VALUE, like filter.beta=10')
        values[name] = Config.find(name, text).parse(text)
    return values


def yaml_text() -> str:
    """config/movenet.yaml: every parameter with its default and its description."""
    lines = ['# Every parameter of the movenet node, with its default.',
             '# Written by `make generate` from movenet_ros/config/declarations.py: change it'
             ' there.',
             '/**:', '  ros__parameters:']
    group = ''
    for parameter in Config.parameters():
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
    notes = '; '.join(filter(None, (
        parameter.unit, parameter.limits, _CHANGES[parameter.change],
        f'only: {parameter.only_with}' if parameter.only_with else '')))
    return textwrap.wrap(f'{parameter.text} [{notes}]', 96 - len(indent),
                         initial_indent=f'{indent}# ', subsequent_indent=f'{indent}# ')


def _yaml_value(value: Value) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def markdown_page() -> str:
    """docs/parameters.md: every parameter, by group."""
    groups: dict[str, list[Parameter]] = {}
    for parameter in Config.parameters():
        groups.setdefault(parameter.name.rpartition('.')[0], []).append(parameter)
    sections = [f'## {group or "General"}\n\n{_intro(group)}{_markdown_table(members)}'
                for group, members in groups.items()]
    return '\n'.join([_PAGE, *sections])


def _intro(group: str) -> str:
    if not group:
        return ''
    text = ' '.join((type(getattr(Config(), group)).__doc__ or '').split())
    return f'{text}\n\n'


def _markdown_table(members: Sequence[Parameter]) -> str:
    rows = ['| parameter | default | allowed | changes | only | |', '|---|---|---|---|---|---|']
    for p in members:
        default = 'COCO' if p.kind.startswith('float[') else _yaml_value(p.default)
        unit = f' [{p.unit}]' if p.unit else ''
        rows.append(f'| `{p.name}` | {default}{unit} | {p.limits or p.kind} | '
                    f'{_CHANGES[p.change]} | {p.only_with} | {p.text} |')
    return '\n'.join(rows) + '\n'


def text_table(values: Mapping[str, Value]) -> str:
    """A table for a terminal, with the values that hold."""
    cells = [(p.name, _yaml_value(values[p.name]), p.unit, p.limits or p.kind, _CHANGES[p.change])
             for p in Config.parameters()]
    cells = [(n, 'COCO constants' if len(v) > 60 else v, u, a, c) for n, v, u, a, c in cells]
    cells.insert(0, ('parameter', 'value', 'unit', 'allowed', 'takes effect'))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ''.join('  '.join(cell.ljust(width) for cell, width in zip(
        row, widths, strict=True)).rstrip() + '\n' for row in cells)


def documents(root: Path) -> dict[Path, str]:
    """What the generated files under `root` should hold, by path."""
    return {root / 'config' / 'movenet.yaml': yaml_text(),
            root / 'docs' / 'parameters.md': markdown_page()}


def update(root: Path) -> list[Path]:
    """Writes the generated files that are stale, and returns them."""
    stale = {path: text for path, text in documents(root).items()
             if not path.exists() or path.read_text(encoding='utf-8') != text}
    for path, text in stale.items():
        path.write_text(text, encoding='utf-8')
    return list(stale)
