"""People in metres as JSON: the keys that they have in a line beside those of pixels.

    {"ray": [x, y, z], "position": [x, y, z], "velocity_3d": [x, y, z], "distance": 2.1,
     "near": 1.9, "far": 2.4, "rays": [[x, y, z], ... 17 of them],
     "positions": [[x, y, z], ... 17], "spreads": [0.02, ... 17], "reasons": ["ok", ... 17]}

What is unknown is null. Numbers are those of PoseArray3D, see docs/three_d.md.
"""
from __future__ import annotations

from typing import Any

from movenet_ros.core.geometry.poses_3d import Poses3D, Reason
from movenet_ros.files.json_numbers import plain_or_none

REASONS = {int(reason): reason.name.lower() for reason in Reason}


def columns_3d(people: Poses3D) -> dict[str, list[Any]]:
    """The values of all people, by key."""
    each = {'ray': people.ray, 'position': people.position, 'velocity_3d': people.velocity,
            'distance': people.distance, 'near': people.extent[:, 0], 'far': people.extent[:, 1]}
    of_keypoints = {'rays': people.keypoint_ray, 'positions': people.keypoint_position,
                    'spreads': people.keypoint_spread}
    return {
        **{key: plain_or_none(values) for key, values in each.items()},
        **{key: [plain_or_none(person) for person in values]
           for key, values in of_keypoints.items()},
        'reasons': [[REASONS[reason] for reason in person]
                    for person in people.keypoint_reason.tolist()]}
