"""What people do as JSON: the value of the key `gestures` that each has.

    {"left_hand_raised": true, "right_hand_raised": false, "left_hand_waving": false,
     "right_hand_waving": false, "arms_crossed": false, "left_arm_pointing": false,
     "right_arm_pointing": false, "posture": "standing", "left_arm_direction": null,
     "right_arm_direction": null, "left_arm_ray": null, "right_arm_ray": null,
     "joint_angles": [3.1, ... 8 of them], "is_spatial": [false, ... 8]}

What is unknown is null. Names and numbers are those of PersonGestures, see docs/gestures.md.
"""
from __future__ import annotations

from typing import Any

from movenet_ros.core.gestures.gesture import Gestures, Posture
from movenet_ros.files.json_numbers import plain_or_none
from movenet_ros.messages.gesture_array import FLAGS

POSTURE_NAMES = [posture.name.lower() for posture in Posture]


def gestures_of_people(gestures: Gestures) -> list[dict[str, Any]]:
    """One dictionary per person."""
    columns: dict[str, list[Any]] = {
        gesture.name.lower(): gestures.active[:, gesture].tolist() for gesture in FLAGS}
    columns['posture'] = [POSTURE_NAMES[posture] for posture in gestures.posture.tolist()]
    for name, vectors in (('direction', gestures.direction), ('ray', gestures.ray)):
        for arm, side in enumerate(('left', 'right')):
            columns[f'{side}_arm_{name}'] = plain_or_none(vectors[:, arm])
    columns['joint_angles'] = [plain_or_none(angles) for angles in gestures.joint_angle]
    columns['is_spatial'] = gestures.is_spatial.tolist()
    return [dict(zip(columns, person, strict=True))
            for person in zip(*columns.values(), strict=True)]
