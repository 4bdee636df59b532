"""Shows what the running nodes do: state, rates, loss, latency and warnings of each camera.

Reads /diagnostics, on which every node of this package reports once in a second. On a terminal the
table is refreshed in place; elsewhere there is a line for each camera.
"""
from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from typing import TYPE_CHECKING

from movenet_ros.cli.console import flush, show, show_lines
from movenet_ros.cli.exit_codes import INCOMPLETE, OK
from movenet_ros.cli.options import node_name
from movenet_ros.cli.run import require_ros
from movenet_ros.cli.status_line import StatusLines
from movenet_ros.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from movenet_ros.tools.status_table import StatusRow

EXAMPLES = """\
examples:
  movenet status
  movenet status --node /robot1/movenet --once || echo alarm
  movenet status --once --json | jq .values

"""

EXIT_CODES = """\
exit codes: 0 no camera has an error at the end; 1 no node has reported; 2 wrong usage;
3 a camera has an error, or its node is silent; 130 interrupted before anything was shown"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('--node', metavar='NAME', type=node_name,
                        help='full name of the node (default: all)')
    parser.add_argument('--once', action='store_true', help='show one table, and exit')
    parser.add_argument('--json', action='store_true',
                        help='write a line of JSON for each camera')
    parser.add_argument('--wait', type=float, default=5.0, metavar='SECONDS',
                        help='how long to wait for the first report (default: 5)')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if not 0.0 <= args.wait < math.inf:
        raise ParameterError('--wait', args.wait, 'must be 0 or more')
    require_ros()
    from movenet_ros.tools.status import StatusOptions, watch
    options = StatusOptions(args.node, once=args.once, wait=args.wait)
    return OK if watch(options, _writer(args)) else INCOMPLETE


def _writer(args: argparse.Namespace) -> Callable[[Sequence[StatusRow]], None]:
    if args.json:
        return _write_json
    if args.once:
        return _write_table
    return _write_in_place(StatusLines()) if sys.stdout.isatty() else _write_log


def _write_json(rows: Sequence[StatusRow]) -> None:
    from movenet_ros.tools.status_table import as_json
    for row in rows:
        show(json.dumps(as_json(row)))
    flush()


def _write_table(rows: Sequence[StatusRow]) -> None:
    from movenet_ros.tools.status_table import table_lines
    show_lines('\n'.join(table_lines(rows, shutil.get_terminal_size().columns)))


def _write_in_place(screen: StatusLines) -> Callable[[Sequence[StatusRow]], None]:
    from movenet_ros.tools.status_table import table_lines
    # The last column stays free, as a terminal may begin a new line after it.
    return lambda rows: screen.show(
        table_lines(rows, shutil.get_terminal_size().columns - 1), 'more with --once')


def _write_log(rows: Sequence[StatusRow]) -> None:
    from movenet_ros.tools.status_table import log_lines
    show_lines('\n'.join(log_lines(rows)))
    flush()
