"""The model files: their folder, their manifest, and checks that they are intact.

The manifest `models/manifest.json` lists every file with its size and SHA-256. An engine loads
the same bytes that were checked, so nothing can change between the check and the use.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from movenet_ros.config import find
from movenet_ros.errors import ModelError, one_line, shown
from movenet_ros.regular_files import open_regular_file, parse_json, read_regular_file
from movenet_ros.share import share_dir

MANIFEST_NAME = 'manifest.json'
MANIFEST_FORMAT = 2
LARGEST_MANIFEST = 2**20
"""[bytes]; the published ones have up to 20 kB."""
LARGEST_MODEL = 2**30
"""[bytes]; the published ones have up to 13 MB."""
FLOAT32 = 'float32'
VARIANTS = tuple(name for name in find('precision').choices
                 if name not in (FLOAT32, 'auto'))
"""The precisions of which a manifest may list files beside those of float32."""
REMEDY = (
    'restore the models folder (check it out or install the package again), '
    'or make it again with `movenet models import TARBALL`'
)


@dataclass(frozen=True)
class TensorSpec:
    """One input or output of a model file.

    Attributes:
        name: Its meaning, e.g. `keypoint_heatmap`.
        tensor: The tensor's name inside the file.
        shape: Its shape; -1 stands for a side that the caller chooses.
        dtype: NumPy name of the element type, e.g. `uint8`.
        layout: The order of the axes and the meaning of the last one.
    """

    name: str
    tensor: str
    shape: tuple[int, ...]
    dtype: str
    layout: str


@dataclass(frozen=True)
class ModelEntry:
    """What the manifest says about one model file.

    Attributes:
        name: `lightning`, `thunder` or `multipose`.
        path: The file, in the manifest's folder.
        bytes: Its size.
        sha256: Its SHA-256, 64 lower-case hex digits.
        inputs: The picture; of a single-person network also the weight of its center heatmap.
        outputs: In the order in which the decoding takes them.
        origin: Where the weights come from: package, version, members, generator, licence,
            attribution, converter versions; of a variant also how it was made.
        precision: What the file computes in: `float32`, of a variant e.g. `int8`.
        variants: The same network in other precisions, by precision, with the same inputs and
            outputs. A variant has none.
        ap_loss: Of a variant: COCO AP of the float32 file minus its own, the largest that the
            manifest states; None where none was measured.
    """

    name: str
    path: Path
    bytes: int
    sha256: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    origin: Mapping[str, Any]
    precision: str = FLOAT32
    variants: Mapping[str, ModelEntry] = field(default_factory=dict)
    ap_loss: float | None = None

    @property
    def licence(self) -> str:
        """The licence of the weights."""
        return str(self.origin.get('licence', 'licence not stated'))

    @property
    def input_size(self) -> int | None:
        """The fixed side of the square input in pixels, or None if the caller chooses it."""
        side = self.inputs[0].shape[1]
        return None if side < 0 else side

    def variant(self, precision: str) -> ModelEntry:
        """Returns the entry of the same network in another precision.

        Raises:
            ModelError: The manifest lists no such file.
        """
        try:
            return self.variants[precision]
        except KeyError:
            known = one_line(', '.join([self.precision, *sorted(self.variants)]))
            raise ModelError(
                f'model {self.name!r}: {self.path.parent / MANIFEST_NAME} lists no file of '
                f'precision {precision!r}, only {known}: set precision to one of these, or make '
                f'it with `movenet models import TARBALL --precision {precision} '
                '--calibration FOLDER`'
            ) from None


@dataclass(frozen=True)
class Manifest:
    """A models folder: its place and its models by name."""

    folder: Path
    models: Mapping[str, ModelEntry]

    @property
    def files(self) -> tuple[ModelEntry, ...]:
        """The entries of all files: each model, followed by its variants."""
        return tuple(file for entry in self.models.values()
                     for file in (entry, *entry.variants.values()))

    def entry(self, model: str) -> ModelEntry:
        """Returns the entry of one model.

        Raises:
            ModelError: The manifest does not list the model.
        """
        try:
            return self.models[model]
        except KeyError:
            known = one_line(', '.join(sorted(self.models))) or 'nothing'
            raise ModelError(
                f'{self.folder / MANIFEST_NAME} lists no model {model!r}, only {known}: '
                'choose one of these, or ' + REMEDY
            ) from None


def find_models_dir(explicit: str = '') -> Path:
    """The folder with the model files.

    Args:
        explicit: The folder itself; empty for the one that comes with the package.

    Raises:
        ModelError: It holds no manifest.
        MovenetError: The files of the package are not to be found.
    """
    folder = Path(explicit) if explicit else share_dir() / 'models'
    if not os.path.isfile(folder / MANIFEST_NAME):  # noqa: PTH113 - which raises at long names
        raise ModelError(f'no {MANIFEST_NAME} in {folder}: name the models folder, or {REMEDY}')
    return folder


def load_manifest(folder: Path) -> Manifest:
    """Reads a folder's manifest; the model files themselves are not touched.

    Raises:
        ModelError: The manifest is missing, is not valid, or names a file outside its folder.
    """
    path = folder / MANIFEST_NAME
    try:
        data = parse_json(read_regular_file(path, LARGEST_MANIFEST))
    except OSError as error:
        raise ModelError(f'{path} cannot be read ({error.strerror}): {REMEDY}') from error
    except ValueError as error:
        raise ModelError(f'{path} is not JSON ({error}): {REMEDY}') from error
    found = data.get('format') if isinstance(data, dict) else None
    if found != MANIFEST_FORMAT:
        raise ModelError(f'{path} has format {shown(found)}, expected {MANIFEST_FORMAT}: {REMEDY}')
    assert isinstance(data, dict)
    try:
        models = {name: _entry(folder, name, item) for name, item in data['models'].items()}
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f'{path} is damaged ({type(error).__name__}: {one_line(error)}): {REMEDY}'
        ) from error
    return Manifest(folder, models)


def read_verified(entry: ModelEntry) -> bytes:
    """Reads a model file and checks the bytes that it returns: first the size, then the hash.

    Nothing but a regular file is read, and no more of it than the manifest says.

    Raises:
        ModelError: The file is missing, truncated, changed or another one.
    """
    path = entry.path
    try:
        with open_regular_file(path) as file:
            # The size first: a damaged folder may hold a file larger than the memory.
            size = os.fstat(file.fileno()).st_size
            content = file.read(entry.bytes + 1) if size == entry.bytes else b''
    except OSError as error:
        raise ModelError(
            f'model {entry.name!r}: {path} cannot be read ({error.strerror}): {REMEDY}'
        ) from error
    if size != entry.bytes or len(content) != size:
        raise ModelError(
            f'model {entry.name!r}: {path} has {size} bytes, expected {entry.bytes}: '
            f'the file is truncated or another one; {REMEDY}'
        )
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry.sha256:
        raise ModelError(
            f'model {entry.name!r}: {path} has SHA-256 {digest}, expected '
            f'{one_line(entry.sha256)}: the file is damaged or another one; {REMEDY}'
        )
    return content


def verify(entry: ModelEntry) -> None:
    """Checks a model file's size and SHA-256.

    Raises:
        ModelError: The file is missing, truncated, changed or another one.
    """
    read_verified(entry)


def _entry(folder: Path, name: str, item: Mapping[str, Any]) -> ModelEntry:
    entry = ModelEntry(
        name=name,
        path=_path(folder, name, item),
        bytes=_size(item['bytes']),
        sha256=str(item['sha256']),
        inputs=_inputs(item['inputs']),
        outputs=tuple(_tensor(output) for output in item['outputs']),
        origin=dict(item['origin']),
    )
    variants = item.get('variants', {})
    for precision in variants:
        if precision not in VARIANTS:
            raise ValueError(f'model {name!r}: variant {shown(precision)} must be one of '
                             + ', '.join(VARIANTS))
    return replace(entry, variants={precision: _variant(entry, precision, other)
                                    for precision, other in variants.items()})


def _variant(entry: ModelEntry, precision: str, item: Mapping[str, Any]) -> ModelEntry:
    try:
        losses = [_ap(row[FLOAT32]) - _ap(row[precision]) for row in item.get('ap', ())]
        return replace(
            entry,
            path=_path(entry.path.parent, entry.name, item),
            bytes=_size(item['bytes']),
            sha256=str(item['sha256']),
            origin={**entry.origin, **item['origin']},
            precision=precision,
            # AP has three digits; more would be those of the subtraction.
            ap_loss=round(max(losses), 3) if losses else None,
        )
    except KeyError as error:
        raise ValueError(
            f'model {entry.name!r}, variant {precision}: {error} is missing') from error


def _ap(value: object) -> float:
    # Python reads NaN in JSON, too, and would find it no larger than the loss that is allowed.
    if not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise ValueError(f'AP is {shown(value)}, must be from 0 to 1')
    return value


def _path(folder: Path, name: str, item: Mapping[str, Any]) -> Path:
    file = str(item['file'])
    if file != Path(file).name or file in ('', '.', '..'):
        raise ValueError(f'model {name!r}: file {file!r} must be a plain name in the same folder')
    return folder / file


def _size(value: object) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_MODEL:
        raise ValueError(f'bytes is {shown(value)}, must be a whole number up to {LARGEST_MODEL}')
    return value


def _inputs(items: Sequence[Mapping[str, Any]]) -> tuple[TensorSpec, ...]:
    specs = tuple(_tensor(item) for item in items)
    if not specs or len(specs[0].shape) != 4:
        found = specs[0].shape if specs else None
        raise ValueError(f'the shape of the first input is {shown(found)}, must have 4 sides')
    return specs


def _tensor(item: Mapping[str, Any]) -> TensorSpec:
    return TensorSpec(
        name=str(item['name']),
        tensor=str(item['tensor']),
        shape=tuple(int(side) for side in item['shape']),
        dtype=str(item['dtype']),
        layout=str(item['layout']),
    )
