"""Functions of one variable: polynomials, and the inverse of a rising function."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Where an image is compressed more than this toward its edge, calibrations are not reliable.
SMALLEST_SLOPE = 0.05


class Polynomial:
    """A polynomial without the highest powers whose factors are zero."""

    def __init__(self, *factors: complex) -> None:
        used = len(factors)
        while used > 1 and not factors[used - 1]:
            used -= 1
        self.factors = factors[:used]

    def with_slope(self, s: NDArray[Any]) -> tuple[Any, Any]:
        """Its values and those of its derivative, by Horner's rule."""
        if len(self.factors) == 1:
            return self.factors[0], 0.
        slope: Any = self.factors[-1]
        value = slope * s + self.factors[-2]
        for factor in self.factors[-3::-1]:
            value, slope = value * s + factor, slope * s + value
        return value, slope


@dataclass(frozen=True, eq=False)
class InverseTable:
    """The inverse of a rising function, by interpolation between samples.

    Attributes:
        arguments: float64 [S], rising from 0.
        values: float64 [S], of the function, rising from 0.
    """

    arguments: NDArray[np.float64]
    values: NDArray[np.float64]

    @classmethod
    def of(cls, arguments: NDArray[np.float64], values: NDArray[np.float64]) -> InverseTable:
        """The part of a function, from 0 on, in which it rises by `SMALLEST_SLOPE` or more."""
        with np.errstate(all='ignore'):
            rises = np.diff(values) > SMALLEST_SLOPE * np.diff(arguments)
        count = len(values) if rises.all() else int(np.argmin(rises)) + 1
        return cls(arguments[:count], values[:count])

    def argument(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The arguments that give these values; the largest one for larger values."""
        return np.interp(values, self.values, self.arguments)
