"""The node's parameters: declared from `config`, guarded, and read as one `Config`."""
from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter

from movenet_ros.config import Config, parameters
from movenet_ros.errors import ParameterError
from movenet_ros.parameter import Change, Parameter

# Overrides that belong to rclpy, not to us. QoS overrides are declared with their topic.
FOREIGN = ('use_sim_time', 'start_type_description_service')
QOS_PREFIX = 'qos_overrides.'

WHEN = {
    Change.LIVE: 'Takes effect at the next image.',
    Change.RECONFIGURE: 'Can be set only while the node is unconfigured.',
    Change.START: 'Can be set only when the node starts.',
}


class NodeParameters:
    """Declares all parameters on a node and guards every later change.

    A batch of changes is checked as a whole, and nothing of it is kept if one is refused.
    """

    def __init__(self, node: Node, *, is_configured: Callable[[], bool],
                 on_change: Callable[[], None]) -> None:
        """Declares the parameters.

        Args:
            node: Where to declare them; its overrides count.
            is_configured: Whether the node has loaded its network, which some
                parameters must not change under.
            on_change: Called after values have changed.

        Raises:
            ParameterError: An override has a value that it must not have.
        """
        self._is_configured = is_configured
        self._on_change = on_change
        # rclpy has no public way to ask for overrides that nobody has declared.
        overrides: dict[str, Any] = {
            name: parameter.value for name, parameter in node._parameter_overrides.items()}
        known = {parameter.name for parameter in parameters()}
        self._config = Config().replace(
            {name: value for name, value in overrides.items() if name in known})
        self.warnings = tuple(unknown_overrides(overrides))
        self._declare(node)
        node.add_pre_set_parameters_callback(_whole_numbers_to_floats)
        node.add_on_set_parameters_callback(self._validate)
        node.add_post_set_parameters_callback(self._apply)

    @property
    def config(self) -> Config:
        """The values that count now."""
        return self._config

    def _declare(self, node: Node) -> None:
        # With ignore_override, because the overrides are in the config already, checked
        # with better messages than rclpy's; 3 given for 3.0 would not pass there.
        values = self._config.values()
        for parameter in parameters():
            value = values[parameter.name]
            node.declare_parameter(
                parameter.name, list(value) if isinstance(value, tuple) else value,
                describe(parameter), ignore_override=True)

    def _changed(self, batch: Sequence[RosParameter[Any]]) -> Config:
        ours = self._config.values()
        return self._config.replace({p.name: p.value for p in batch if p.name in ours})

    def _validate(self, batch: list[RosParameter[Any]]) -> SetParametersResult:
        try:
            self._refuse_while_configured(self._changed(batch))
        except ParameterError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _refuse_while_configured(self, wanted: Config) -> None:
        if not self._is_configured():
            return
        before, after = self._config.values(), wanted.values()
        for parameter in parameters():
            name = parameter.name
            if parameter.change is Change.RECONFIGURE and before[name] != after[name]:
                raise ParameterError(
                    name, after[name], f'{name} needs a reconfigure: deactivate, clean up, '
                    'set it, configure again')

    def _apply(self, batch: list[RosParameter[Any]]) -> None:
        # After all callbacks of the node have agreed, so that nothing is half applied.
        wanted = self._changed(batch)
        if wanted != self._config:
            self._config = wanted
            self._on_change()


def describe(parameter: Parameter) -> ParameterDescriptor:
    """What ROS tools show of a parameter."""
    unit = f' [{parameter.unit}]' if parameter.unit else ''
    allowed = f'Allowed: {parameter.limits}. ' if parameter.choices else ''
    descriptor = ParameterDescriptor(
        name=parameter.name, description=parameter.text + unit,
        additional_constraints=allowed + WHEN[parameter.change],
        read_only=parameter.change is Change.START)
    low, high = parameter.minimum, parameter.maximum
    if low is None and high is None:
        return descriptor
    if type(parameter.default) is int:
        descriptor.integer_range = [IntegerRange(
            from_value=int(-2**63 if low is None else low),
            to_value=int(2**63 - 1 if high is None else high))]
    else:
        # rclpy reads it for scalars only; for arrays it informs whoever lists the parameter.
        descriptor.floating_point_range = [FloatingPointRange(
            from_value=-sys.float_info.max if low is None else float(low),
            to_value=sys.float_info.max if high is None else float(high))]
    return descriptor


def unknown_overrides(names: Iterable[str]) -> Iterable[str]:
    """One sentence for each override that names no parameter; rclpy ignores them silently."""
    known = [parameter.name for parameter in parameters()]
    for name in sorted(names):
        if name in known or name in FOREIGN or name.startswith(QOS_PREFIX):
            continue
        near = get_close_matches(name, known, n=1)
        hint = f'did you mean {near[0]!r}?' if near else 'see `movenet params` for all names'
        yield f'parameter {name!r} was given at the start, but there is none: {hint}'


def _whole_numbers_to_floats(batch: list[RosParameter[Any]]) -> list[RosParameter[Any]]:
    """3 for 3.0, as command lines write it, is no reason to refuse."""
    floats = {p.name for p in parameters() if type(p.default) is float}
    return [
        RosParameter(p.name, RosParameter.Type.DOUBLE, float(p.value))
        if p.name in floats and p.type_ == RosParameter.Type.INTEGER else p for p in batch]
