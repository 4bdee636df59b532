"""The parameters `qos_overrides.TOPIC...`, checked before rclpy reads them."""
from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Literal, TypeAlias

from rclpy.node import Node
from rclpy.qos import QoSDurabilityPolicy, QoSPolicyKind, QoSReliabilityPolicy

from movenet_ros.errors import ParameterError

Entity: TypeAlias = Literal['publisher', 'subscription']

CHOICES: dict[QoSPolicyKind, type[IntEnum]] = {
    QoSPolicyKind.RELIABILITY: QoSReliabilityPolicy,
    QoSPolicyKind.DURABILITY: QoSDurabilityPolicy,
}


def override_name(topic: str, entity: Entity, policy: QoSPolicyKind) -> str:
    """Name of the parameter that overrides a policy on a topic."""
    return f'qos_overrides.{topic}.{entity}.{policy.name.lower()}'


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
    for policy in policies:
        name = override_name(topic, entity, policy)
        # rclpy has no public way to ask for overrides that nobody has declared.
        override = node._parameter_overrides.get(name)
        if override is not None:
            _check(name, override.value, policy)


def _check(name: str, value: Any, policy: QoSPolicyKind) -> None:
    if policy in CHOICES:
        allowed = [choice.name.lower() for choice in CHOICES[policy] if choice.name != 'UNKNOWN']
        if not isinstance(value, str) or value.lower() not in allowed:
            raise ParameterError(name, value, f'must be one of {", ".join(allowed)}')
    elif type(value) is not int or value < 1:
        raise ParameterError(name, value, 'must be a whole number of at least 1')
