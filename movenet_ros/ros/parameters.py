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
from movenet_ros.config.no_effect import without_effect
from movenet_ros.config.parameter import Change, Parameter, Value
from movenet_ros.errors import ParameterError, shown
from movenet_ros.ros.qos_overrides import PREFIX, given_overrides

# Overrides that belong to rclpy, not to us. QoS overrides are declared with their topic.
FOREIGN = ('use_sim_time', 'start_type_description_service')

FEW = 5
"""So many unknown names are reported one by one."""

WHEN = {
    Change.LIVE: 'Takes effect at the next image.',
    Change.RECONFIGURE: 'Can be set only while the node is unconfigured.',
    Change.START: 'Can be set only when the node starts.',
}


class NodeParameters:
    """Declares all parameters on a node and guards every later change.

    A batch of changes is checked as a whole, and nothing of it is kept if one is rejected. Values
    that contradict each other are accepted until the node is configured, as `ros2 param load`
    sets one after the other.
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
            ParameterError: An override has a value that it must not have; or two contradict each
                other and the node is to configure itself.
        """
        self._logger = node.get_logger()
        self._is_configured = is_configured
        self._on_change = on_change
        overrides = given_overrides(node)
        known = {parameter.name for parameter in parameters()}
        self._config = Config().replace(
            {name: value for name, value in overrides.items() if name in known})
        if self._config.autostart:
            self._config.check_together()
        for text in (*unknown_overrides(overrides), *self._contradictions()):
            self._logger.warning(text)
        self._declare(node)
        node.add_pre_set_parameters_callback(_to_declared_types)
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
            self._reject_while_configured(self._changed(batch))
        except ParameterError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _reject_while_configured(self, wanted: Config) -> None:
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
        changed = _differences(self._config, wanted)
        if not changed:
            return
        self._config = wanted
        self._logger.info('parameters changed: ' + ', '.join(
            f'{name} from {shown(old)} to {shown(new)}' for name, (old, new) in changed.items()))
        notes = without_effect(wanted, changed) if self._is_configured() else self._contradictions()
        for text in notes:
            self._logger.warning(text)
        self._on_change()

    def _contradictions(self) -> list[str]:
        try:
            self._config.check_together()
        except ParameterError as error:
            return [f'{error}. The node cannot be configured until this is settled']
        return []


def _differences(before: Config, after: Config) -> dict[str, tuple[Value, Value]]:
    old, new = before.values(), after.values()
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


def describe(parameter: Parameter) -> ParameterDescriptor:
    """What ROS tools show of a parameter."""
    unit = f' [{parameter.unit}]' if parameter.unit else ''
    allowed = f'Allowed: {parameter.limits}. ' if parameter.choices else ''
    only = f'Only with {parameter.applies}. ' if parameter.applies else ''
    descriptor = ParameterDescriptor(
        name=parameter.name, description=parameter.text + unit,
        additional_constraints=allowed + only + WHEN[parameter.change],
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


def unknown_overrides(names: Iterable[str]) -> list[str]:
    """Sentences on the overrides that name no parameter; rclpy ignores them silently."""
    known = [parameter.name for parameter in parameters()]
    unknown = [name for name in sorted(names) if name not in known and name not in FOREIGN
               and not name.startswith(PREFIX)]
    sentences = []
    for name in unknown[:FEW]:
        near = get_close_matches(name, known, n=1)
        hint = f'did you mean {near[0]!r}?' if near else 'see `movenet params` for all names'
        sentences.append(
            f'parameter {shown(name)} was given at the start, but there is none: {hint}')
    if len(unknown) > FEW:
        sentences.append(f'{len(unknown) - FEW} more parameters that there are not were given at '
                         'the start')
    return sentences


def _to_declared_types(batch: list[RosParameter[Any]]) -> list[RosParameter[Any]]:
    """3 for 3.0, as command lines write it, is no reason to reject; neither is a list of such.

    `ros2 param set` passes a list of both, [1, 0.5], as a text. One whole number is also taken for
    a list of it.
    """
    floats = {p.name: p for p in parameters() if p.kind.startswith('float')}
    lists = {p.name for p in parameters() if p.holds_whole_numbers}
    return [_to_float(floats[p.name], p) if p.name in floats
            else _to_list(p) if p.name in lists else p for p in batch]


def _to_list(given: RosParameter[Any]) -> RosParameter[Any]:
    kinds = RosParameter.Type
    if given.type_ == kinds.INTEGER:
        return RosParameter(given.name, kinds.INTEGER_ARRAY, [given.value])
    return given


def _to_float(parameter: Parameter, given: RosParameter[Any]) -> RosParameter[Any]:
    kinds = RosParameter.Type
    is_list = isinstance(parameter.default, tuple)
    if given.type_ == kinds.INTEGER and not is_list:
        return RosParameter(given.name, kinds.DOUBLE, float(given.value))
    if given.type_ == kinds.INTEGER_ARRAY and is_list:
        return RosParameter(given.name, kinds.DOUBLE_ARRAY, [float(item) for item in given.value])
    if given.type_ == kinds.STRING and is_list:
        try:
            items = parameter.parse(given.value)
        except ParameterError:
            return given
        assert isinstance(items, tuple)
        return RosParameter(given.name, kinds.DOUBLE_ARRAY, list(items))
    return given
