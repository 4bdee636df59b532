"""Shows the parameters, and checks parameter files.

Without options, a table with the defaults. A file is read as ROS reads it, for the node
/movenet; if it is for another node only, for that one.
"""
from __future__ import annotations

import argparse
from pathlib import Path

from movenet_ros.cli.console import log, show, show_lines, warn
from movenet_ros.cli.options import add_node
from movenet_ros.config import Config
from movenet_ros.config import files as parameter_files
from movenet_ros.config.files import NODE, FileParameters
from movenet_ros.config.no_effect import without_effect
from movenet_ros.errors import ParameterError

EXAMPLES = """\
examples:
  movenet params                              the table
  movenet params --yaml > my.yaml             a parameter file to edit
  movenet params --check my.yaml              check it, show the values that hold
  movenet params --check my.yaml --node /robot1/movenet
  movenet params --check my.yaml --digest     its digest, as in the ~/pose_info topic

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('--check', metavar='FILE', help='check a parameter file, show its values')
    add_node(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument('--yaml', action='store_true', help='print a parameter file of the defaults')
    form.add_argument('--markdown', action='store_true', help='print docs/parameters.md')
    form.add_argument('--digest', action='store_true',
                      help='print the 16 hex digits that identify a configuration')
    form.add_argument('--update', metavar='FOLDER', type=Path,
                      help='write config/movenet.yaml and docs/parameters.md of a source checkout')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if args.check and (args.yaml or args.markdown or args.update):
        raise ParameterError('--check', args.check, 'goes with --digest or alone: --yaml, '
                             '--markdown and --update are about the defaults')
    if args.node and not args.check:
        raise ParameterError('--node', args.node, 'goes with --check')
    config, warnings = _checked(args.check, args.node) if args.check else (Config(), [])
    if args.update:
        for path in parameter_files.update(args.update):
            show(f'wrote {path}')
    elif args.digest:
        show(config.digest())
    elif args.yaml:
        show_lines(parameter_files.yaml_text().removesuffix('\n'))
    elif args.markdown:
        show_lines(parameter_files.markdown_page().removesuffix('\n'))
    else:
        show_lines(parameter_files.text_table(config.values()).removesuffix('\n'))
    if args.check and not warnings:
        log(f'{args.check}: no problems found')
    return 0


def _checked(path: str, node: str | None) -> tuple[Config, list[str]]:
    """The configuration of a file, and its warnings; reports both on stderr."""
    reading = parameter_files.read_for(node, path) if node else parameter_files.read_any(path)
    config = Config().replace(reading.values)
    config.check_together()
    log(f'{path}: {reading}')
    warnings = [*filter(None, [_ignored(reading, node)]), *without_effect(config)]
    warn(*warnings)
    return config, warnings


def _ignored(reading: FileParameters, asked: str | None) -> str:
    if reading.node != (asked or NODE):
        return f'ROS ignores it for the node {NODE}: it is for {reading.node}'
    if not any('*' in name for name in reading.applied):
        return f'ROS ignores it for a node with a name or namespace other than {reading.node}'
    return ''
