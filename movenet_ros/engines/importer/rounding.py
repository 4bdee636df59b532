"""Rounds weights to 8 bits such that what a layer gives changes least.

Weights are rounded one input channel after the other; the error of each is made up for by those
that are still to come, as far as their inputs vary together. The method is known as GPTQ
(Frantar et al., 2022).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LARGEST = 127
"""Of a symmetric 8-bit weight."""
DAMPING = 0.01
"""Added to the inputs' mean squares, as a share of their mean: keeps rarely used inputs from making
up for the errors of others."""


def largest_weights(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each output channel, from [O,I]: float32 [O]. It is represented by `LARGEST`."""
    return np.asarray(np.abs(weights).max(axis=1))


def round_weights(weights: NDArray[np.float32],
                  moments: NDArray[np.float64]) -> NDArray[np.float32]:
    """Rounds the weights of a layer whose outputs are sums of weighted inputs.

    Args:
        weights: float32 [O,I], of O output and I input channels.
        moments: float64 [I,I], the mean products of the inputs.

    Returns:
        float32 [O,I], multiples of the largest weight of each output channel over `LARGEST`.
    """
    step = largest_weights(weights).astype(np.float64) / LARGEST
    # The inputs that matter most first: the most others can make up for their error.
    order = np.argsort(-np.diag(moments), kind='stable')
    rest, rounded = weights[:, order].astype(np.float64), np.zeros(weights.shape)
    damped = moments[np.ix_(order, order)] + DAMPING * np.diag(moments).mean() * np.eye(len(order))
    spread = np.linalg.cholesky(np.linalg.inv(damped)).T
    for i in range(len(order)):
        rounded[:, order[i]] = step * np.clip(np.round(rest[:, i] / step), -LARGEST, LARGEST)
        error = (rest[:, i] - rounded[:, order[i]]) / spread[i, i]
        rest[:, i + 1:] -= np.outer(error, spread[i, i + 1:])
    return rounded.astype(np.float32)
