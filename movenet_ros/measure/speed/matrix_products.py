"""What a device gives at best: products of square matrices, through the same door as a network.

Import this module late and only after the backend is chosen (keras_backends): it imports Keras.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from movenet_ros.engines.keras.backends import Backend, Run


class Products(keras.layers.Layer):  # type: ignore[misc]
    """Multiplies a matrix by itself, one product after the other."""

    def __init__(self, side: int, count: int, dtype: str) -> None:
        """Makes the matrix.

        Args:
            side: Rows and columns of the matrix.
            count: Of products, each of which needs the one before.
            dtype: ``float32`` or ``float16``.
        """
        super().__init__(dtype=dtype)
        self.count = count
        # So scaled, a product is about as large as its factors.
        values = np.random.default_rng(0).standard_normal((side, side)) / np.sqrt(side)
        self.matrix = self.add_weight(shape=(side, side), initializer='zeros', trainable=False)
        self.matrix.assign(values.astype(dtype))
        self.built = True

    def call(self, pictures: Any, training: bool = False) -> Any:
        """[B,H,W,3] -> [1]: the largest value of the last product and of the pictures."""
        product = self.matrix
        for _ in range(self.count):
            product = ops.matmul(self.matrix, product)
        # Looks at every value, so that nothing can be left out.
        return ops.maximum(ops.max(ops.cast(product, 'float32')),
                           ops.max(ops.cast(pictures, 'float32')))[None]


def compiled_products(side: int, count: int, dtype: str, backend: Backend, place: str) -> Run:
    """A function that multiplies matrices on a device, compiled as a network is.

    Args:
        side: Rows and columns of the matrices.
        count: Of products.
        dtype: ``float32`` or ``float16``.
        backend: What is to run it.
        place: ``cpu:0`` or ``gpu:N``.

    Returns:
        Takes pictures, uint8 [B,H,W,3], and gives float32 [1], which says nothing.
    """
    with keras.device(place):
        return backend.compiled(Products(side, count, dtype), lambda largest: largest, place)
