"""Computes part of a LiteRT file in 8-bit integers."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from movenet_ros.engines.importer.calibration import Pixels, observe
from movenet_ros.engines.importer.litert_model import LiteRtModel
from movenet_ros.engines.importer.rounding import largest_weights, round_weights
from movenet_ros.errors import EngineError, ModelError, one_line

Range = dict[str, NDArray[np.float32]]
"""Of a tensor, as the quantizer takes it: `min` and `max`, one value or one per output channel."""

PACKAGE = 'ai-edge-quantizer'
INT8_LAYERS = r'.*model_1/model/(block_([7-9]|1[0-6])_|Conv_1/|out_relu)'
"""The layers that are computed in int8: of the backbone, a MobileNet V2, blocks 7 to 16 and the
last convolution. They hold most of the arithmetic at little cost in accuracy. The layers before
and the heads cost far more accuracy, see docs/accuracy.md.
"""
RECIPE = ('blocks 7 to 16 and the last convolution of the backbone in int8: weights per channel, '
          'those of 1x1 convolutions rounded by GPTQ, activations static; all else in float32 '
          'with weights stored as float16')
PERCENTILE = 95.0
"""An activation is to hold the least and the greatest value of this share of the inputs [%].

The few that reach further are cut off; with the range of all inputs, every step between two
integers would be larger.
"""


def quantise(content: bytes, inputs: Sequence[Pixels]) -> bytes:
    """Returns the LiteRT file with `INT8_LAYERS` in int8, and other weights stored as float16.

    Args:
        content: Of the LiteRT file in float32.
        inputs: Of the network, to calibrate with: uint8 [H,W,3].

    Raises:
        EngineError: The quantizer is not installed.
        ModelError: It cannot quantise the file.
    """
    quantizer_version()
    try:
        return _quantise(content, inputs)
    except Exception as error:  # LiteRT and the quantizer have no common base of their errors
        raise ModelError(
            f'{PACKAGE} {quantizer_version()} cannot quantise the network '
            f'({type(error).__name__}: {one_line(error)}): use the versions that models/README.md '
            'names'
        ) from error


def quantizer_version() -> str:
    """Returns the version of the quantizer.

    Raises:
        EngineError: It is not installed.
    """
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError as error:
        raise EngineError(
            f'int8 models are made with {PACKAGE}, which is not installed ({error}): '
            "in a checkout of this package: `pip install '.[import]'`"
        ) from error


def _quantise(content: bytes, inputs: Sequence[Pixels]) -> bytes:
    model = LiteRtModel(content, INT8_LAYERS)
    convolutions = model.pointwise_convolutions()
    seen = observe(content, model.activations(), {each.input for each in convolutions}, inputs)
    ranges = {name: _activation_range(values) for name, values in seen.ranges.items()}
    for each in convolutions:
        # Of the weights before, which have the largest ones that the rounding took as 127.
        ranges[each.weights] = _weight_range(model.weights(each))
        model.set_weights(each, round_weights(model.weights(each), seen.moments[each.input]))
    return _with_integers(model.content(), ranges)


def _activation_range(values: NDArray[np.float32]) -> Range:
    """From the ranges at each input, [N,2]."""
    low = np.percentile(values[:, 0], 100 - PERCENTILE)
    high = np.percentile(values[:, 1], PERCENTILE)
    return {'min': np.full((1, 1, 1, 1), low, np.float32),
            'max': np.full((1, 1, 1, 1), high, np.float32)}


def _weight_range(weights: NDArray[np.float32]) -> Range:
    largest = largest_weights(weights).reshape(-1, 1, 1, 1)
    return {'min': -largest, 'max': largest}


def _with_integers(content: bytes, ranges: Mapping[str, Range]) -> bytes:
    quantizer = importlib.import_module('ai_edge_quantizer.quantizer')
    types = importlib.import_module('ai_edge_quantizer.qtyping')
    recipe = quantizer.Quantizer(bytearray(content))
    for operation in ('CONV_2D', 'DEPTHWISE_CONV_2D'):
        recipe.update_quantization_recipe(
            '.*', types.TFLOperationName[operation], _half_weights(types),
            quantizer.AlgorithmName.FLOAT_CASTING)
    # The last that matches a layer counts.
    recipe.add_static_config(INT8_LAYERS, types.TFLOperationName.ALL_SUPPORTED, 8, 8)
    # It shows its progress on standard error.
    with contextlib.redirect_stderr(io.StringIO()):
        result = recipe.quantize(ranges, enable_progress_report=False)
    return bytes(result.quantized_model)


def _half_weights(types: Any) -> Any:
    return types.OpQuantizationConfig(
        weight_tensor_config=types.TensorQuantizationConfig(
            num_bits=16, dtype=types.TensorDataType.FLOAT),
        compute_precision=types.ComputePrecision.FLOAT,
        explicit_dequantize=True)
