"""Converts a published TensorFlow.js graph to a LiteRT file."""

from __future__ import annotations

import importlib
import os
from typing import Any

from movenet_ros.engines.importer.plans import CENTER_WEIGHT, Plan
from movenet_ros.engines.importer.tfjs_graph import TfjsGraph
from movenet_ros.errors import EngineError, ModelError, one_line

CENTER_WEIGHT_NODE = 'ConstantFolding/StatefulPartitionedCall/truediv_2_recip'
"""The node of the published single-pose graphs that holds the weight of the center heatmap."""


def convert(tf: Any, plan: Plan, graph: TfjsGraph, *, half_weights: bool) -> bytes:
    """Returns the content of the LiteRT file.

    Args:
        tf: The module tensorflow.
        plan: What to make.
        graph: The published graph.
        half_weights: Whether the weights are stored as float16, as in the published graph, rather
            than as float32.

    Raises:
        ModelError: TensorFlow cannot convert it.
    """
    try:
        return _convert(tf, plan, graph, half_weights)
    except Exception as error:  # TensorFlow and protobuf have no common base of their errors
        raise ModelError(
            f'{plan.name}: TensorFlow {tf.__version__} cannot convert the graph '
            f'({type(error).__name__}: {one_line(error)}): use the tarball and the TensorFlow '
            'version that models/README.md names'
        ) from error


def _convert(tf: Any, plan: Plan, graph: TfjsGraph, half_weights: bool) -> bytes:
    definition = graph_def(tf, graph)
    for node in definition.node:
        if node.op == 'Placeholder':
            node.attr['dtype'].type = tf.uint8.as_datatype_enum
            shape = tf.TensorShape((1, plan.side, plan.side, 3))
            node.attr['shape'].shape.CopyFrom(shape.as_proto())
        if node.op == 'Cast' and node.input[0] == 'input':
            node.attr['SrcT'].type = tf.uint8.as_datatype_enum
    if plan.side is not None:
        make_weight_an_input(tf, definition)
    inputs = [f'{given.tensor}:0' for given in plan.inputs]
    whole = function(tf, definition, inputs, [f'{output.tensor}:0' for output in plan.outputs])
    converter = tf.lite.TFLiteConverter.from_concrete_functions([whole])
    if half_weights:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def graph_def(tf: Any, graph: TfjsGraph) -> Any:
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


def make_weight_an_input(tf: Any, definition: Any) -> None:
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


def function(tf: Any, definition: Any, inputs: list[str], outputs: list[str]) -> Any:
    """The part of a GraphDef from these inputs to these outputs, as a function of TensorFlow."""
    whole = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(definition, name=''), [])
    return whole.prune(inputs, outputs)


def import_tensorflow() -> Any:
    """Returns the module tensorflow, imported late.

    Raises:
        EngineError: It is not installed.
    """
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
    try:
        import tensorflow
    except ImportError as error:
        raise EngineError(
            f'importing models needs TensorFlow ({error}): '
            "in a checkout of this package: `pip install '.[import]'`"
        ) from error
    return tensorflow
