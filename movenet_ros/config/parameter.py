"""The declaration of a parameter: its type, its limits, and the checks of a value.

The parameters themselves are declared in declarations.py.
"""
from __future__ import annotations

import enum
import json
import math
from dataclasses import dataclass
from typing import Any

from movenet_ros.config.condition import Condition
from movenet_ros.errors import ParameterError

Value = bool | int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]


class Change(enum.Enum):
    """When a new value of a parameter takes effect."""

    LIVE = 'live'
    """At the next image."""
    RECONFIGURE = 'reconfigure'
    """Rejected while the node is configured; set it after a clean-up."""
    START = 'start'
    """Only when the node starts; read-only afterwards."""


@dataclass(frozen=True)
class Parameter:
    """The declaration of one parameter.

    Attributes:
        name: Full name, groups separated by dots.
        default: Its default; the type of the default is the parameter's type.
        text: What it does, in one or two sentences.
        unit: Unit of the value, or an empty text.
        minimum: Smallest value allowed, if there is one.
        maximum: Largest value allowed, if there is one.
        choices: The only values allowed, if there are such; of a list, those of its items.
        change: When a new value takes effect.
        shapes_poses: Whether the published numbers depend on it.
        applies: The settings under which it has an effect; None: under all.
        node_only: Whether only the node uses it, and no offline command.
    """

    name: str
    default: Value
    text: str
    unit: str = ''
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    change: Change = Change.LIVE
    shapes_poses: bool = True
    applies: Condition | None = None
    node_only: bool = False

    @property
    def kind(self) -> str:
        """'bool', 'int', 'float', 'str', 'float[N]', or 'int[]' and 'str[]' of any length."""
        if self.holds_texts:
            return 'str[]'
        if self.holds_whole_numbers:
            return 'int[]'
        if isinstance(self.default, tuple):
            return f'float[{len(self.default)}]'
        return type(self.default).__name__

    @property
    def holds_texts(self) -> bool:
        """Whether it is a list of texts."""
        return isinstance(self.default, tuple) and isinstance(self.default[0], str)

    @property
    def holds_whole_numbers(self) -> bool:
        """Whether it is a list of whole numbers."""
        return isinstance(self.default, tuple) and isinstance(self.default[0], int)

    @property
    def limits(self) -> str:
        """The allowed values in words; an empty text where any value is."""
        if self.choices:
            return ', '.join(str(choice) for choice in self.choices)
        if self.minimum is not None and self.maximum is not None:
            return f'{self.minimum:g} to {self.maximum:g}'
        if self.minimum is not None:
            return f'at least {self.minimum:g}'
        return ''

    @property
    def only_with(self) -> str:
        """Where and with which settings it has an effect; an empty text where it always has."""
        node = 'in the node' if self.node_only else ''
        return ', '.join(filter(None, (node, f'{self.applies}' if self.applies else '')))

    def check(self, value: object) -> Value:
        """Returns `value` in this parameter's type.

        Whole numbers are taken for floats, as YAML and command lines write them;
        lists are taken for arrays, and one whole number for a list of it.

        Raises:
            ParameterError: The type is another one, or the value is not allowed.
        """
        if self.holds_texts:
            return self._check_texts(value)
        if self.holds_whole_numbers:
            return self._check_whole_numbers(value)
        if isinstance(self.default, tuple):
            return self._check_array(value)
        checked: Value = self._check_scalar(value, self.default)
        return checked

    def _check_texts(self, value: object) -> tuple[str, ...]:
        if isinstance(value, str) or not hasattr(value, '__iter__'):
            raise ParameterError(self.name, value, 'must be a list of texts, like [front, left]')
        items = tuple(str(self._check_scalar(item, '')) for item in value)
        if not items:
            raise ParameterError(
                self.name, [], 'must be a list of one or more names, like [front, left]')
        return items

    def _check_whole_numbers(self, value: object) -> tuple[int, ...]:
        items = tuple(value) if hasattr(value, '__iter__') and not isinstance(value, str) else (
            value,)
        if not items:
            raise ParameterError(self.name, [], 'must be one or more whole numbers')
        return tuple(self._check_scalar(item, 0) for item in items)

    def _check_array(self, value: object) -> tuple[float, ...]:
        assert isinstance(self.default, tuple)
        if isinstance(value, str) or not hasattr(value, '__iter__'):
            raise ParameterError(self.name, value, f'must be a list of {len(self.default)} numbers')
        items = tuple(self._check_scalar(item, 0.0) for item in value)
        if len(items) != len(self.default):
            raise ParameterError(
                self.name, value, f'must hold {len(self.default)} numbers, not {len(items)}')
        return tuple(float(item) for item in items)

    def _check_scalar(self, value: object, like: Value) -> Any:
        if isinstance(like, float) and type(value) is int:
            value = _to_float(value)
        if type(value) is not type(like):
            raise ParameterError(
                self.name, value, f'must be a {_words(like)}, not a {_words(value)}')
        if self.choices and value not in self.choices:
            raise ParameterError(self.name, value, f'must be one of: {self.limits}')
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self._check_range(value)
        return value

    def _check_range(self, value: float) -> None:
        if isinstance(value, float) and not math.isfinite(value):
            raise ParameterError(self.name, value, 'must be a finite number')
        low = self.minimum is not None and value < self.minimum
        high = self.maximum is not None and value > self.maximum
        if low or high:
            raise ParameterError(self.name, value, f'must be {self.limits}')

    def parse(self, text: str) -> Value:
        """The value that `text`, from a command line, stands for.

        Raises:
            ParameterError: The text does not stand for an allowed value.
        """
        if isinstance(self.default, str):
            return self.check(text)
        if self.holds_texts:
            return self.check([item.strip() for item in text.strip('[]').split(',')])
        try:
            value = json.loads(text.lower() if isinstance(self.default, bool) else text)
        except (ValueError, RecursionError):
            # RecursionError: thousands of brackets
            value = text
        return self.check(value)


def _to_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _words(value: object) -> str:
    return {bool: 'boolean', int: 'whole number', float: 'number', str: 'text'}.get(
        type(value), type(value).__name__)
