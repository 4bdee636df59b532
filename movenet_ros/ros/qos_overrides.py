"""The parameters `qos_overrides.TOPIC...`, checked before rclpy reads them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any, Literal, TypeAlias

from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy, QoSPolicyKind, QoSReliabilityPolicy

from movenet_ros.errors import ParameterError

PREFIX = 'qos_overrides.'
Entity: TypeAlias = Literal['publisher', 'subscription']

CHOICES: dict[QoSPolicyKind, type[IntEnum]] = {
    QoSPolicyKind.RELIABILITY: QoSReliabilityPolicy,
    QoSPolicyKind.DURABILITY: QoSDurabilityPolicy,
}
DEEPEST = 2**31 - 1
"""Queues that are deeper are more than DDS can count."""


def override_name(topic: str, entity: Entity, policy: QoSPolicyKind) -> str:
    """Name of the parameter that overrides a policy on a topic."""
    return f'{PREFIX}{topic}.{entity}.{policy.name.lower()}'


def given_overrides(node: Node) -> Mapping[str, Any]:
    """The values that a node's parameters were given at its start, whether declared or not."""
    # rclpy has no public way to ask for those that are not declared.
    return {name: parameter.value for name, parameter in node._parameter_overrides.items()}


def check_overrides(node: Node, topic: str, entity: Entity,
                    policies: Sequence[QoSPolicyKind]) -> None:
    """Checks the overrides of what is about to be created; rclpy raises a RuntimeError.

    Args:
        node: Whose parameters.
        topic: The full name of the topic.
        entity: What is to be created.
        policies: Which policies can be overridden.

    Raises:
        ParameterError: A value means nothing.
    """
    given = given_overrides(node)
    for policy in policies:
        name = override_name(topic, entity, policy)
        if name in given:
            _check(name, given[name], policy)


def _check(name: str, value: Any, policy: QoSPolicyKind) -> None:
    if policy in CHOICES:
        allowed = [choice.name.lower() for choice in CHOICES[policy] if choice.name != 'UNKNOWN']
        if not isinstance(value, str) or value.lower() not in allowed:
            raise ParameterError(name, value, f'must be one of {", ".join(allowed)}')
    elif type(value) is not int or not 1 <= value <= DEEPEST:
        raise ParameterError(name, value, f'must be a whole number from 1 to {DEEPEST}')
