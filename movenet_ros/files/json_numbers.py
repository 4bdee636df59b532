"""Arrays of numbers as JSON writes them."""
from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def plain(array: NDArray[np.float32] | np.float32) -> Any:
    """Nested lists of doubles that print as the float32 values do."""
    shortest = [float(str(value)) for value in array.ravel()]
    return np.array(shortest, np.float64).reshape(array.shape).tolist()


def plain_or_none(array: NDArray[np.float32]) -> list[Any]:
    """The same for the rows of an array; None for a row with NaN, which JSON does not know.

    Args:
        array: [N] or [N,K].
    """
    is_unknown = np.asarray(np.isnan(array).reshape(len(array), -1).any(axis=1))
    return [None if unknown else value
            for value, unknown in zip(plain(array), is_unknown, strict=True)]
