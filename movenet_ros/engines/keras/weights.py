"""Gives the layers of the network in Keras their weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from movenet_ros.engines.models import REMEDY
from movenet_ros.engines.weights.convolutions import Convolution
from movenet_ros.errors import ModelError


def assign_weights(model: Any, weights: Mapping[str, Convolution], path: Path) -> None:
    """Gives every layer of the Keras model its weights.

    Args:
        model: The model.
        weights: What `read_weights` returned.
        path: The file that they are from, for messages.

    Raises:
        ModelError: A layer finds none, or of another shape, or some are left over.
    """
    left = dict(weights)
    for layer in model.layers:
        if not layer.weights:
            continue
        found = left.pop(layer.name, None)
        wanted = [tuple(variable.shape) for variable in layer.weights]
        given = [] if found is None else [found.kernel, found.bias][: len(wanted)]
        shapes = [array.shape for array in given]
        # A layer without a bias must not lose one.
        lost = found is not None and len(wanted) == 1 and bool(found.bias.any())
        if shapes != wanted or lost:
            raise ModelError(
                f'{path}: layer {layer.name} needs weights of {wanted}, the file has '
                f'{shapes or "none"}{" and a bias" if lost else ""}: it is of another network; '
                + REMEDY
            )
        layer.set_weights(given)
    if left:
        raise ModelError(
            f'{path} has weights of {", ".join(sorted(left))} that the network has no use for: '
            f'it is of another network; {REMEDY}'
        )
