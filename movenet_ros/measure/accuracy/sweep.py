"""Grids of parameter values: the same measurement for each combination."""
from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from movenet_ros.config import Config, find
from movenet_ros.config.parameter import Value
from movenet_ros.errors import ParameterError

FORM = 'must be NAME=VALUE,VALUE,...'


@dataclass(frozen=True)
class Setting:
    """One point of the grid.

    Attributes:
        values: What is varied, by parameter name; empty where nothing is.
        config: All parameters.
    """

    values: dict[str, Value]
    config: Config

    @property
    def label(self) -> str:
        """The varied values in words."""
        return ', '.join(f'{name}={plain(value)}' for name, value in self.values.items())


def settings(config: Config, sweeps: Sequence[str]) -> list[Setting]:
    """Every combination of the values of some parameters.

    Args:
        config: What the combinations are put into.
        sweeps: Texts such as 'filter.beta=1,10,100'; none gives `config` alone.

    Raises:
        ParameterError: A text is malformed, a parameter unknown or varied twice, a value rejected.
    """
    axes = [_axis(text) for text in sweeps]
    names = [name for name, _ in axes]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ParameterError('--sweep', min(twice), 'must name a parameter once')
    grid = itertools.product(*(values for _, values in axes))
    chosen = [dict(zip(names, point, strict=True)) for point in grid]
    return [Setting(values, config.replace(values)) for values in chosen]


def plain(value: Value) -> str:
    """A value in words."""
    return f'{value:g}' if isinstance(value, float) else str(value)


def _axis(text: str) -> tuple[str, list[Value]]:
    name, equals, values = text.partition('=')
    if not equals or not values:
        raise ParameterError('--sweep', text, FORM)
    parameter = find(name, values)
    if isinstance(parameter.default, tuple) or name == 'model':
        raise ParameterError('--sweep', text, 'must name a single number, text or switch '
                             'other than the model, which has an option of its own')
    return name, [parameter.parse(value) for value in values.split(',')]
