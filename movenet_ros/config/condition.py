"""Conditions on other parameters under which a parameter has an effect.

For example, with `multipose = setting('model', 'multipose')` and
`refined = setting('refine', 'lightning', 'thunder')`, `multipose & filtered` holds where both
do and `multipose | refined` where one does.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """A parameter and the values that it must have.

    Attributes:
        name: The parameter.
        values: The values.
    """

    name: str
    values: tuple[object, ...]

    def __str__(self) -> str:
        if len(self.values) > 3 and isinstance(self.values[0], int):  # in a row
            return f'{self.name} {self.values[0]} to {self.values[-1]}'
        return f'{self.name} {"/".join(_shown(value) for value in self.values)}'


@dataclass(frozen=True)
class Condition:
    """Settings that a parameter needs in order to have an effect.

    Attributes:
        alternatives: One of them must hold: all its settings.
    """

    alternatives: tuple[tuple[Setting, ...], ...]

    def __and__(self, other: Condition) -> Condition:
        return Condition(tuple(
            mine + its for mine in self.alternatives for its in other.alternatives))

    def __or__(self, other: Condition) -> Condition:
        return Condition(self.alternatives + other.alternatives)

    def __str__(self) -> str:
        return ' or '.join(' and '.join(map(str, settings)) for settings in self.alternatives)

    def holds(self, values: Mapping[str, object]) -> bool:
        """Whether it holds for these values of all parameters."""
        return any(all(values[setting.name] in setting.values for setting in settings)
                   for settings in self.alternatives)

    def found(self, values: Mapping[str, object]) -> str:
        """The values that decide, in words, like `model lightning, refine none`."""
        names = dict.fromkeys(s.name for settings in self.alternatives for s in settings)
        return ', '.join(f'{name} {_shown(values[name])}' for name in names)


def setting(name: str, *values: object) -> Condition:
    """The condition that a parameter has one of these values."""
    return Condition(((Setting(name, values),),))


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
