"""What all parameters of a dataclass have in common: their table, checks, values and digest.

The parameters themselves are declared in declarations.py.
"""
from __future__ import annotations

import dataclasses
import difflib
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from movenet_ros.config.parameter import Parameter, Value
from movenet_ros.errors import ParameterError

Values = TypeVar('Values', bound='ParameterSet')


def declare(default: Any, text: str, **details: Any) -> Any:
    """A field of a dataclass that is a parameter.

    Args:
        default: Its default.
        text: What it does.
        details: Other attributes of `Parameter`.
    """
    return dataclasses.field(default=default, metadata={'text': text, **details})


@dataclasses.dataclass(frozen=True)
class ParameterSet:
    """Base of a dataclass whose fields are parameters, made by `declare`, or groups of them.

    A group is a dataclass of such fields. A field's place gives the parameter its name:
    `filter.beta` is the field `beta` of the group in the field `filter`.

    Raises:
        ParameterError: A value is of the wrong type or out of range.
    """

    def __post_init__(self) -> None:
        values = self.values()
        for parameter in self.parameters():
            parameter.check(values[parameter.name])

    @classmethod
    @functools.cache
    def _table(cls) -> Mapping[str, Parameter]:
        """The parameters by name; made of the class, as instances are checked against it."""
        return {name: Parameter(name, getattr(group, field.name), **field.metadata)
                for name, group, field in _fields(cls)}

    @classmethod
    def parameters(cls) -> tuple[Parameter, ...]:
        """All parameters, in the order of declaration."""
        return tuple(cls._table().values())

    @classmethod
    def find(cls, name: str, value: object = None) -> Parameter:
        """The parameter called `name`.

        Args:
            name: Full name.
            value: The value it was to be set to, for the error message only.

        Raises:
            ParameterError: There is none.
        """
        table = cls._table()
        if name not in table:
            near = difflib.get_close_matches(name, table, n=1)
            hint = f'; did you mean {near[0]!r}?' if near else ''
            raise ParameterError(name, value, f'there is no such parameter{hint}')
        return table[name]

    def values(self) -> dict[str, Value]:
        """All values by parameter name, in the order of declaration."""
        return {name: getattr(group, field.name) for name, group, field in _fields(self)}

    def replace(self: Values, values: Mapping[str, object]) -> Values:
        """A copy with some values changed; nothing is changed if one is rejected.

        Args:
            values: New values by parameter name.

        Raises:
            ParameterError: A name is unknown or a value is rejected.
        """
        checked = {name: self.find(name, value).check(value) for name, value in values.items()}
        replaced: Values = _replaced(self, '', checked)
        return replaced

    def digest(self) -> str:
        """16 hex digits that differ between configurations that give different poses."""
        shaping = {p.name for p in self.parameters() if p.shapes_poses}
        kept = {name: value for name, value in self.values().items() if name in shaping}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]


def _fields(group: Any, prefix: str = '') -> Iterator[tuple[str, Any, dataclasses.Field[Any]]]:
    """Name, group and field of each parameter of a group, which is an instance or a class."""
    for field in dataclasses.fields(group):
        value = getattr(group, field.name)
        if dataclasses.is_dataclass(value):
            yield from _fields(value, f'{prefix}{field.name}.')
        else:
            yield prefix + field.name, group, field


def _replaced(group: Any, prefix: str, values: Mapping[str, Value]) -> Any:
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(group):
        value, name = getattr(group, field.name), prefix + field.name
        if dataclasses.is_dataclass(value):
            changes[field.name] = _replaced(value, name + '.', values)
        elif name in values:
            changes[field.name] = values[name]
    return dataclasses.replace(group, **changes)
