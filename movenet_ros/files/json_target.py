"""The target in a line of JSON."""
from __future__ import annotations

from typing import Any

from movenet_ros.core.observation import Observation


def target_fields(observation: Observation) -> dict[str, Any]:
    """What a line says of the target, see docs/recordings.md; nothing where nobody is selected."""
    target, position = observation.target, observation.target_position
    if target.selection.is_none:
        return {}
    return {'target': {
        'state': target.status.name.lower(), 'criterion': target.selection.criterion.value,
        'origin': target.origin.name.lower(), 'id': target.id, 'time_unseen': target.time_unseen,
        'confidence': target.confidence, 'unsure': target.is_unsure,
        'position': None if position is None else position.tolist()}}
