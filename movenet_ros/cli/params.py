"""Shows the parameters, and checks parameter files.

Without options, a table with the defaults.
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from movenet_ros import parameter_files
from movenet_ros.cli.console import show
from movenet_ros.config import Config
from movenet_ros.errors import ParameterError

EXAMPLES = """\
examples:
  movenet params                              the table
  movenet params --yaml > my.yaml             a parameter file to edit
  movenet params --check my.yaml              is it right? which values hold?
  movenet params --check my.yaml --digest     its mark in the ~/skeleton topic

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    parser.add_argument('--check', metavar='FILE', help='check a parameter file, show its values')
    form = parser.add_mutually_exclusive_group()
    form.add_argument('--yaml', action='store_true', help='print a parameter file of the defaults')
    form.add_argument('--markdown', action='store_true', help="print the README's table")
    form.add_argument('--digest', action='store_true',
                      help='print the 16 digits that tell configurations apart')
    form.add_argument('--update', metavar='FOLDER', type=Path,
                      help="write config/movenet.yaml and the README's table of a source checkout")


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    if args.check and (args.yaml or args.markdown or args.update):
        raise ParameterError('--check', args.check, 'goes with --digest or alone: --yaml, '
                             '--markdown and --update are about the defaults')
    config = Config().replace(parameter_files.read(args.check)) if args.check else Config()
    if args.update:
        for path in parameter_files.update(args.update):
            show(f'wrote {path}')
    elif args.digest:
        print(config.digest())
    elif args.yaml:
        sys.stdout.write(parameter_files.yaml_text())
    elif args.markdown:
        sys.stdout.write(parameter_files.markdown_table())
    else:
        sys.stdout.write(parameter_files.text_table(config.values()))
    return 0
