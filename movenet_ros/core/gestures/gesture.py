"""What is recognised, and in which order the results list it."""
from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


class Gesture(enum.IntEnum):
    """A gesture or posture; the value is its column in `Gestures.active`.

    Left and right are the person's own. In a mirrored image they are the other way round.
    """

    LEFT_HAND_RAISED = 0
    """The wrist is clearly above the shoulder and not at the head, and the forearm points up."""
    RIGHT_HAND_RAISED = 1
    LEFT_HAND_WAVING = 2
    """The hand is held up and moves sideways to and fro."""
    RIGHT_HAND_WAVING = 3
    ARMS_CROSSED = 4
    """The person faces the camera, each wrist is at the other arm."""
    LEFT_ARM_POINTING = 5
    """The arm is stretched and away from the body, and the other one is not."""
    RIGHT_ARM_POINTING = 6
    STANDING = 7
    """On the feet, also in walking: upright, with a stretched leg below the hip."""
    SITTING = 8
    """Upright, with the knees not much lower than the hips. Squatting looks the same."""
    LYING = 9
    """Torso and thighs are closer to horizontal than to vertical. A push-up looks the same."""


COUNT = len(Gesture)

POSTURES = [Gesture.STANDING, Gesture.SITTING, Gesture.LYING]


class Posture(enum.IntEnum):
    """The posture of a person; nobody has two."""

    UNKNOWN = 0
    """None of the others, or it is not visible."""
    STANDING = 1
    SITTING = 2
    LYING = 3


@dataclass(frozen=True, eq=False)
class Gestures:
    """What the N people of one image do; rows as in the poses.

    Attributes:
        id: int32 [N].
        active: bool [N,10], columns as in `Gesture`.
        joint_angle: float32 [N,8], see `angles.joint_angles` [rad].
        is_spatial: bool [N,8], whether a joint angle is that in space.
        direction: float32 [N,2,2], for the left and right arms: where one that points does so, as
            a unit vector in the image as it was received, x to the right and y down; else NaN.
        ray: float32 [N,2,3], the same as a unit vector in the camera's optical frame, where
            positions are known; else NaN. It starts at the eyes.
    """

    id: NDArray[np.int32]
    active: NDArray[np.bool_]
    joint_angle: NDArray[np.float32]
    is_spatial: NDArray[np.bool_]
    direction: NDArray[np.float32]
    ray: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.id)

    def of(self, row: int) -> tuple[Gesture, ...]:
        """The gestures of the person in this row."""
        return tuple(gesture for gesture in Gesture if self.active[row, gesture])

    @property
    def posture(self) -> NDArray[np.uint8]:
        """The posture of each person, see `Posture`: uint8 [N]."""
        active = self.active[:, POSTURES]
        first = active.argmax(axis=1) + int(Posture.STANDING)
        return np.where(active.any(axis=1), first, Posture.UNKNOWN).astype(np.uint8)
