"""Which settings have no effect, and why: from what declarations.py declares of each parameter."""
from __future__ import annotations

from collections.abc import Iterable

from movenet_ros.config.condition import Condition
from movenet_ros.config.declarations import Config
from movenet_ros.errors import shown


def without_effect(config: Config, names: Iterable[str] | None = None) -> list[str]:
    """One sentence for each reason why values that are not the defaults have no effect.

    Args:
        config: The values of all parameters.
        names: Only these parameters are considered.
    """
    values = config.values()
    asked = values if names is None else set(names)
    idle: dict[Condition, list[str]] = {}
    for parameter in Config.parameters():
        name, condition = parameter.name, parameter.applies
        if name in asked and values[name] != parameter.default and (
                condition is not None and not condition.holds(values)):
            idle.setdefault(condition, []).append(name)
    return [f'no effect: {_listed(config, group)} (only with {condition}; '
            f'here {condition.found(values)})' for condition, group in idle.items()]


def without_effect_offline(config: Config, names: Iterable[str]) -> list[str]:
    """The same for those of the parameters `names` that only the node uses."""
    values = config.values()
    group = [name for name in names
             if (parameter := Config.find(name)).node_only and values[name] != parameter.default]
    return [f'no effect: {_listed(config, group)} (only in the node)'] if group else []


def _listed(config: Config, names: Iterable[str]) -> str:
    values = config.values()
    return ', '.join(f'{name} = {shown(values[name])}' for name in names)
