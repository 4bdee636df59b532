"""Options that several commands share."""
from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from movenet_ros.cli.console import warn
from movenet_ros.config import Config, find
from movenet_ros.config import files as parameter_files
from movenet_ros.config.files import NODE
from movenet_ros.config.no_effect import without_effect, without_effect_offline
from movenet_ros.errors import ParameterError, shown


def add_config(parser: argparse.ArgumentParser) -> None:
    """Adds the options from which `config` makes a configuration."""
    parser.add_argument('--model', choices=find('model').choices,
                        help=f'the network (default: {find("model").default})')
    add_parameters(parser)


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Adds the options that give values to parameters, for a command with a --model of its own."""
    parser.add_argument('--params-file', metavar='FILE', action='append', default=[],
                        help='a file of ROS parameters; may be given several times, as to the node')
    add_node(parser)
    parser.add_argument('--param', metavar='NAME=VALUE', action='append', default=[],
                        help='one parameter; may be given several times, and wins over the file; '
                        '`movenet params` lists them')


def add_pictures(group: argparse._ArgumentGroup, images: str) -> None:
    """Adds the options for annotated pictures.

    Args:
        group: Of the options.
        images: What to say of the pictures.
    """
    group.add_argument('--images', metavar='DIR', type=Path, help=images)
    group.add_argument('--annotations', metavar='JSON', type=Path,
                       help="their people, in COCO's format")
    group.add_argument('--split', help='only pictures with this coco_split')


def add_node(parser: argparse.ArgumentParser) -> None:
    """Adds the option for which node a parameter file is read."""
    parser.add_argument('--node', metavar='NAME', type=node_name,
                        help='the full name of the node for which the file of parameters is read '
                        f'(default: {NODE})')


def node_name(text: str) -> str:
    """The full name of a node that an option names.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    if not re.fullmatch(r'/?([A-Za-z_]\w*/)*[A-Za-z_]\w*', text, re.ASCII):
        raise argparse.ArgumentTypeError(
            f'{shown(text)} is not the full name of a node, like /robot1/eyes')
    return '/' + text.removeprefix('/')


def config(args: argparse.Namespace) -> Config:
    """The configuration that the options ask for.

    Raises:
        ParameterError: A parameter is unknown or its value rejected, or two contradict each other.
        SourceError: A parameter file cannot be read.
    """
    if args.node and not args.params_file:
        raise ParameterError('--node', args.node, 'goes with --params-file')
    values = {**parameter_files.read_for(args.node or NODE, *args.params_file).values,
              **parameter_files.parse_assignments(args.param)}
    if args.model:
        values['model'] = args.model
    chosen = Config().replace(values)
    chosen.check_together()
    return chosen


def warn_without_effect(args: argparse.Namespace, chosen: Config,
                        used: Sequence[Config] | None = None) -> None:
    """Reports on stderr which of the given values have no effect, and why.

    Args:
        args: The options.
        chosen: The configuration that they ask for.
        used: The configurations that the command makes of it, where it is not that one.
    """
    given = parameter_files.parse_assignments(args.param)
    idle = [text for config in ([chosen] if used is None else used)
            for text in without_effect(config)]
    warn(*dict.fromkeys(idle), *without_effect_offline(chosen, given))
