"""What was measured, for the terminal, for a page in docs/ and as JSON."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from textwrap import fill
from typing import Any

from movenet_ros.measure.report.files import known
from movenet_ros.measure.report.tables import NONE, aligned
from movenet_ros.measure.speed.machine import Machine
from movenet_ros.measure.speed.result import Part, Table, Target

HEADINGS = {
    'engine': 'The networks alone', 'chain': 'The pipeline', 'tfjs': 'Beside TensorFlow.js',
    'node': 'The node', 'cameras': 'Several cameras', 'start': 'Start and memory'}
WIDTH = 100
"""Of the lines of a page."""
TITLE = '# Performance\n\n'
BEGIN = '<!-- measured by `movenet benchmark --markdown` -->\n'
END = '<!-- end of what is measured -->\n'
INTRODUCTION = """\
The rest of this page is measured by

    {command}

Times depend on the machine, and on its load; ratios are of calls that took turns, and hold
elsewhere too. p50, p95, p99: half, 95 %, 99 % took no longer.
"""
VERDICTS = {True: 'met', False: 'not met', None: 'not measured'}


@dataclass(frozen=True)
class Report:
    """Everything that one run of the benchmark gives.

    Attributes:
        machine: What was measured on.
        parts: What was measured.
        left_out: Why parts were not measured, by name.
        command: That measures it again.
    """

    machine: Machine
    parts: Sequence[Part]
    command: str
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def targets(self) -> list[Target]:
        """Those of all parts."""
        return [target for part in self.parts for target in part.targets]


def as_text(report: Report) -> str:
    """What the terminal shows."""
    blocks = [_machine(report.machine), *(f'{warning}\n' for warning in _warnings(report))]
    for part in report.parts:
        for table in part.tables:
            blocks.append(f'{table.title}\n{_table(table)}')
        blocks += (f'{line}\n' for line in part.left_out)
    if report.targets:
        blocks.append('Targets\n' + _targets(report.targets))
    return '\n'.join(blocks)


def as_markdown(report: Report, picture: str | None = None) -> str:
    """What was measured, as part of a page.

    Args:
        report: What it says.
        picture: Link to the picture, if there is one.
    """
    blocks = [
        INTRODUCTION.format(command=report.command),
        *(fill(f'**{warning}**', WIDTH) + '\n' for warning in _warnings(report)),
        '## Machine\n\n' + _machine(report.machine)]
    if report.targets:
        blocks.append('## Targets\n\n' + _targets(report.targets))
    if picture is not None:
        blocks.append(f'![The measurements as bars and curves]({picture})\n')
    for part in report.parts:
        if part.tables:
            blocks.append(f'## {HEADINGS.get(part.name, part.name)}\n')
            blocks += (fill(line, WIDTH) + '\n' for line in part.left_out)
            blocks += (_section(table) for table in part.tables)
    return '\n'.join(blocks)


def update_page(page: str, measured: str) -> str:
    """A page with what is measured in place of what was measured before.

    Args:
        page: The page until now; what stands outside the marks in it stays. Empty, or without
            marks: there is nothing to keep.
        measured: From `as_markdown`.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        head, tail = TITLE, ''
    return f'{head}{BEGIN}\n{measured}\n{END}{tail}'


def as_json(report: Report) -> dict[str, Any]:
    """The numbers: `machine`, `targets`, `parts`, each with its tables and data."""
    return {
        'machine': {**asdict(report.machine), 'busy': report.machine.busy},
        'command': report.command,
        'targets': [{**asdict(target), 'met': target.met} for target in report.targets],
        'left_out': dict(report.left_out),
        'parts': {part.name: {'tables': [asdict(table) for table in part.tables],
                              'data': dict(part.data), 'left_out': list(part.left_out)}
                  for part in report.parts}}


def rounded(value: object) -> str:
    """A number with three digits, as far as they say something; other values in words."""
    value = known(value)
    if value is None:
        return NONE
    if not isinstance(value, float):
        return str(value)
    size = abs(value)
    if size == 0.0:
        return '0'
    return f'{value:.{0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3}f}'


def _warnings(report: Report) -> list[str]:
    return [*filter(None, [report.machine.busy]), *report.left_out.values()]


def _machine(machine: Machine) -> str:
    lines = {
        'processor': machine.cpu, 'for lower precision': ', '.join(machine.instructions) or NONE,
        'cores': str(machine.cores),
        'memory': f'{machine.memory:.1f} GiB', 'system': machine.system,
        'load before': f'{machine.load:.2f}', 'GPU': ', '.join(machine.gpus) or NONE,
        'Python': machine.python, **machine.versions,
        **{f'model {name}': f'sha256 {digest}' for name, digest in machine.models.items()}}
    return aligned(('', ''), list(lines.items()), (False, False))


def _section(table: Table) -> str:
    text = f'{fill(table.text, WIDTH)}\n\n' if table.text else ''
    return f'### {table.title}\n\n{text}{_table(table)}'


def _table(table: Table) -> str:
    columns: Iterable[Sequence[object]] = zip(*table.rows, strict=True)
    numbers = [all(isinstance(value, (int, float, type(None))) for value in column)
               for column in columns] or [False] * len(table.columns)
    return aligned(table.columns, [[rounded(value) for value in row] for row in table.rows],
                   numbers)


def _targets(targets: Sequence[Target]) -> str:
    return aligned(('target', 'value', 'limit', 'result', 'how'), [
        (target.name, f'{rounded(target.value)} {target.unit}'.strip(),
         f'{"at least" if target.at_least else "at most"} {target.limit:g} {target.unit}'.strip(),
         VERDICTS[target.met], target.note) for target in targets],
        (False, True, False, False, False))
