"""Options that several commands share."""
from __future__ import annotations

import argparse

from movenet_ros import parameter_files
from movenet_ros.config import Config, find


def add_config(parser: argparse.ArgumentParser) -> None:
    """Adds the options from which `config` makes a configuration."""
    parser.add_argument('--model', choices=find('model').choices,
                        help=f'the network (default: {find("model").default})')
    add_parameters(parser)


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Adds the options that give values to parameters, for a command with a --model of its own."""
    parser.add_argument('--params-file', metavar='FILE', help='a file of ROS parameters')
    parser.add_argument('--param', metavar='NAME=VALUE', action='append', default=[],
                        help='one parameter; may be given several times, and wins over the file; '
                        '`movenet params` lists them')


def config(args: argparse.Namespace) -> Config:
    """The configuration that the options ask for.

    Raises:
        ParameterError: A parameter is unknown or its value refused.
        SourceError: The parameter file cannot be read.
    """
    values = parameter_files.read(args.params_file) if args.params_file else {}
    values.update(parameter_files.parse_assignments(args.param))
    if args.model:
        values['model'] = args.model
    return Config().replace(values)
